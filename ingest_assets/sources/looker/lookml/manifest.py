"""A project's manifest: its name, its constants, and the projects that it imports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ingest_assets.sources.looker.lookml import bodies
from ingest_assets.sources.looker.lookml.parsing import Body

MANIFEST = "manifest.lkml"
"""Its path, at the root of the project."""

_CONSTANT = re.compile(r"@\{\s*([^{}\s]+)\s*\}")
_DEEPEST = 8  # constants within constants
_LONGEST = 1 << 20  # characters of a text whose constants are filled in: a few that name each other ten times make more
_OVERRIDABLE = ("override_optional", "override_required")


class Constant(NamedTuple):
    """A constant.

    Attributes:
        value: None where an importing project must give one.
        is_overridable: Whether importing projects may give another.
    """

    value: str | None
    is_overridable: bool


class Dependency(NamedTuple):
    """A project that another one imports.

    Attributes:
        name: What its files are included by, ``//name/...``.
        url: Its git repository; None for a project of the same Looker.
        ref: Commit, tag or branch; None: the default branch.
        overrides: Constants of it that the importing project sets.
    """

    name: str
    url: str | None
    ref: str | None
    overrides: Mapping[str, str]


class Manifest(NamedTuple):
    """What a project's manifest says; empty for a project without one.

    Attributes:
        project_name: None where it does not say.
        constants: By name.
        dependencies: Imported projects, in the manifest's order.
    """

    project_name: str | None = None
    constants: Mapping[str, Constant] = {}
    dependencies: tuple[Dependency, ...] = ()


def read_manifest(document: Body) -> Manifest:
    """What a parsed manifest says."""
    constants = {
        name: Constant(bodies.text(body, "value"), bodies.words(body, "export") in _OVERRIDABLE)
        for name, body in bodies.named(document, "constants")
    }
    remote = [(name, body) for name, body in bodies.named(document, "remote_dependencies")]
    local = [(bodies.words(body, "project"), body) for body in bodies.blocks(document, "local_dependencies")]
    dependencies = [
        Dependency(name, bodies.words(body, "url"), bodies.words(body, "ref"), _overrides(body))
        for name, body in [*local, *remote]
        if name
    ]
    return Manifest(bodies.words(document, "project_name"), constants, tuple(dependencies))


def _overrides(body: Body) -> dict[str, str]:
    values = ((name, bodies.text(item, "value")) for name, item in bodies.named(body, "override_constants"))
    return {name: value for name, value in values if value is not None}


def constants_of(manifest: Manifest, overrides: Mapping[str, str]) -> dict[str, str]:
    """The constants' values in a project; those without a value are missing.

    Args:
        manifest: The project's own.
        overrides: What an importing project sets; only what the project lets be set counts.
    """
    values = {}
    for name, constant in manifest.constants.items():
        value = overrides.get(name, constant.value) if constant.is_overridable else constant.value
        if value is not None:
            values[name] = value
    return values


def refused_overrides(manifest: Manifest, overrides: Mapping[str, str]) -> list[str]:
    """Names of constants that an importing project sets and can't."""
    return [name for name in overrides if name not in manifest.constants or not manifest.constants[name].is_overridable]


def fill(text: str, constants: Mapping[str, str], unknown: set[str]) -> str:
    """A text with its ``@{constants}`` replaced; unknown ones stay, and are added to ``unknown``."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in constants:
            unknown.add(match[1])
            return match[0]
        return constants[match[1]]

    for _ in range(_DEEPEST):
        named = _CONSTANT.findall(text)
        if len(text) + sum(len(constants.get(each, "")) for each in named) > _LONGEST:
            unknown.update(named)
            break
        filled = _CONSTANT.sub(value, text)
        if filled == text:
            break
        text = filled
    return text


def fill_all(value: Any, constants: Mapping[str, str], unknown: set[str]) -> Any:
    """``fill`` for all texts within a body; returns another body and leaves the given one as it is."""
    if isinstance(value, str):
        return fill(value, constants, unknown) if "@{" in value else value
    if isinstance(value, list):
        return [fill_all(item, constants, unknown) for item in value]
    if isinstance(value, dict):
        return {key: fill_all(item, constants, unknown) for key, item in value.items()}
    return value
