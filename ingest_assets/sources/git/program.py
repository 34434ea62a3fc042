"""Running the git program, of which nothing of this machine's settings counts and in which nothing else runs.

A repository is another's. No hook, filter, helper, submodule or attribute of it is ever acted upon: objects are fetched
and read, nothing is checked out. A password goes into the environment of the one process, from where git's own shell
takes it for the one host that it is for; it is in no argument, no address and no file.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest_assets.errors import DeadlineExceededError, DependencyError, RejectedError, UnavailableError
from ingest_assets.sources.git.addresses import Address
from ingest_assets.sources.git.reading import Reading
from ingest_assets.sources.git.told import failure

_SECONDS_BETWEEN_LOOKS = 0.05
_LONGEST_WORDS = 20_000  # bytes of what git says that are read
_USER, _PASSWORD = "INGEST_ASSETS_GIT_USER", "INGEST_ASSETS_GIT_PASSWORD"  # names of variables
_HELPER = f'!f() {{ test "$1" = get && printf \'username=%s\\npassword=%s\\n\' "${_USER}" "${_PASSWORD}"; }}; f'
_INHERITED = (
    "PATH", "SYSTEMROOT", "TMPDIR", "SSH_AUTH_SOCK", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSL_CAINFO", "SSL_CERT_FILE",
    "SSL_CERT_DIR", "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "all_proxy",
    "no_proxy",
)  # fmt: skip
_SETTINGS = (
    f"core.hooksPath={os.devnull}", f"core.attributesFile={os.devnull}", "core.fsmonitor=false", "core.askPass=",
    "credential.helper=", "gc.auto=0", "maintenance.auto=false", "protocol.version=2", "submodule.recurse=false",
    "http.lowSpeedLimit=1", "http.lowSpeedTime=60",
)  # fmt: skip
_SSH = "ssh -o BatchMode=yes -o ConnectTimeout=20"


@dataclass(frozen=True)
class Login:
    """Who reads a repository over HTTP.

    Attributes:
        user: Their name, or what a host wants in its place with a token.
        password: Password or token.
    """

    user: str
    password: str = field(repr=False)


class Git:
    """The git program, with a folder of its own that is gone afterwards.

    Args:
        address: The only place that it may speak to.
        login: For that place.
        reading: Deadline, patience and limits.
        folder: An empty one.
    """

    def __init__(self, address: Address, login: Login | None, reading: Reading, folder: Path) -> None:
        self._address = address
        self._login = login
        self._reading = reading
        self._folder = folder
        self._objects = folder / "objects.git"

    def run(self, words: Sequence[str], where: str, given: bytes = b"") -> Path:
        """Run one command of git.

        Args:
            words: The command and its arguments.
            where: The call and the repository, for messages.
            given: What it reads.

        Returns:
            The file with what it wrote.

        Raises:
            RemoteError: It failed; the kind says how.
            DeadlineExceededError: The run's time is over.
            DependencyError: There is no git.
        """
        git = shutil.which("git")
        if git is None:
            raise DependencyError(
                f"{where} needs the git program, which is not installed: apt-get install git, apk add git or the like."
            )
        told, written, read = (self._folder / name for name in ("told", "written", "read"))
        read.write_bytes(given)
        command = [git, *self._options(), *words]
        with told.open("wb") as errors, written.open("wb") as output, read.open("rb") as source:
            process = subprocess.Popen(  # noqa: S603  # no shell, and the arguments were looked at
                command,
                stdin=source,
                stdout=output,
                stderr=errors,
                cwd=self._folder,
                env=self._environment(os.environ),
                start_new_session=True,
            )
            try:
                code = self._watch(process, where)
            finally:
                _end(process)
        if code != 0:
            with told.open("rb") as words_of_git:
                said = words_of_git.read(_LONGEST_WORDS).decode("utf-8", "replace")
            raise failure(said, where, self._login.password if self._login else None)
        return written

    def _options(self) -> Iterator[str]:
        yield f"--git-dir={self._objects}"
        for setting in _SETTINGS:
            yield from ("-c", setting)
        if self._login is not None:
            yield from ("-c", f"credential.{self._address.origin}.helper={_HELPER}")

    def _environment(self, ours: Mapping[str, str]) -> dict[str, str]:
        environment = {name: ours[name] for name in _INHERITED if name in ours}
        if "REQUESTS_CA_BUNDLE" in ours:
            environment.setdefault("GIT_SSL_CAINFO", ours["REQUESTS_CA_BUNDLE"])
        environment.setdefault("GIT_SSH_COMMAND", _SSH)
        environment |= {
            "HOME": str(self._folder),
            "LC_ALL": "C",
            "GIT_ALLOW_PROTOCOL": "http:https" if self._address.scheme == "http" else self._address.scheme,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_CEILING_DIRECTORIES": str(self._folder.parent),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_LFS_SKIP_SMUDGE": "1",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_TERMINAL_PROMPT": "0",
        }
        if self._login is not None:
            environment |= {_USER: self._login.user, _PASSWORD: self._login.password}
        return environment

    def _watch(self, process: subprocess.Popen[bytes], where: str) -> int:
        """The exit code, if it ends in time and writes no more than it may."""
        calls, patience, limits = self._reading.calls, self._reading.patience, self._reading.limits
        begun = time.monotonic()
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(_SECONDS_BETWEEN_LOOKS)
            if calls.remaining() == 0:
                raise DeadlineExceededError(
                    f"{where} was not waited for: the recipe's timeout is over. Raise dagster.timeout."
                )
            if time.monotonic() - begun > patience.whole:
                what = f"git did not end within {patience.whole:g} seconds."
                raise UnavailableError(what, where=where, advice="Is the repository that large, or the network slow?")
            if _size(self._folder) > limits.download:
                what = f"the repository is larger than what is read: git wrote more than {limits.download:,} bytes."
                raise RejectedError(what, where=where, advice="Is this the repository that is meant?")


@contextlib.contextmanager
def git_of(address: Address, login: Login | None, reading: Reading) -> Iterator[Git]:
    """The git program in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="ingest_assets_git_", ignore_cleanup_errors=True) as folder:
        yield Git(address, login, reading, Path(folder).resolve())


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill it if it is still there, with whatever speaks HTTP or SSH for it; its number may be another's else."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _size(folder: Path) -> int:
    """Bytes of all files in it; those that go while they are looked at count nothing."""
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                size += (Path(place) / name).lstat().st_size
    return size
