"""What ``deploy/`` says, read as data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
OURS = ("code", "webserver", "daemon")
"""Services of ``compose.yaml`` that run our image."""


def read_yaml(name: str) -> Any:
    """A file of ``deploy/``."""
    return yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))


def services() -> dict[str, dict[str, Any]]:
    """The services of ``compose.yaml``, anchors followed."""
    found: dict[str, dict[str, Any]] = read_yaml("compose.yaml")["services"]
    return found


def instructions() -> list[tuple[str, str]]:
    """Instructions of the ``Dockerfile``, with lines that go on joined."""
    text = re.sub(r"\\\n", " ", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"))
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def instruction(word: str) -> str:
    """The only instruction of a kind, or the last."""
    return [rest for name, rest in instructions() if name == word][-1]


def command_of(service: str) -> list[str]:
    """What a container of ours runs: its own command, else the image's."""
    own = services()[service].get("command")
    return list(own or json.loads(instruction("CMD")))


def health_check_of(service: str) -> list[str]:
    """What tells that such a container is well."""
    own = services()[service].get("healthcheck")
    test = own["test"] if own else ["CMD", *json.loads(instruction("HEALTHCHECK").partition("CMD")[2])]
    assert test[0] == "CMD"
    return list(test[1:])


def variables_of(settings: Any) -> Iterator[str]:
    """Variables that a file of Dagster's looks up."""
    if isinstance(settings, dict):
        if set(settings) == {"env"}:
            yield settings["env"]
        for value in settings.values():
            yield from variables_of(value)
    elif isinstance(settings, list):
        for value in settings:
            yield from variables_of(value)


def variables_in(path: Path) -> list[str]:
    """Names that a file of variables gives."""
    return re.findall(r"^(\w+)=", path.read_text(encoding="utf-8"), re.MULTILINE)
