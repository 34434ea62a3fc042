"""What the expressions of a DAG file stand for, as far as it can be known without running it."""

from __future__ import annotations

import ast
import datetime as dt
from collections import ChainMap
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

Value: TypeAlias = object
Names: TypeAlias = ChainMap[str, Value]


@dataclass(frozen=True)
class Unknown:
    """What only a run would tell.

    Attributes:
        why: What it is, to go after "its value is".
        line: Where it stands.
    """

    why: str
    line: int


@dataclass(frozen=True)
class Imported:
    """A name that a module or Python itself brings, such as ``datetime.timedelta``."""

    name: str

    def ends(self, *parts: str) -> bool:
        """Whether its last parts are these."""
        return tuple(self.name.split(".")[-len(parts) :]) == parts


@dataclass(frozen=True)
class Zone:
    """A time zone."""

    name: str


@dataclass(frozen=True)
class Moment:
    """A point of time.

    Attributes:
        time: Its time of the day; None where it is that at which the DAG is read.
        weekday: Its day of the week, Monday being 0; None where it depends on the day on which the DAG is read.
        zone: Its time zone, where one is said.
    """

    time: dt.time | None
    weekday: int | None = None
    zone: str | None = None


@dataclass(frozen=True)
class Timetable:
    """One of Airflow's timetables that repeat: its cron expression or interval, and its time zone."""

    schedule: str | dt.timedelta
    zone: str | None = None


@dataclass(frozen=True)
class Function:
    """A function of the file.

    Attributes:
        node: Its definition.
        names: What it sees besides its own.
        decorators: The names of what decorates it, with the arguments given there.
    """

    node: ast.FunctionDef
    names: Names
    decorators: tuple[tuple[Imported, Arguments], ...] = ()

    def decorated(self, name: str) -> Arguments | None:
        """The arguments of the decorator of this name; None without it."""
        return next((given for by, given in self.decorators if name in by.name.split(".")), None)


@dataclass(frozen=True)
class Argument:
    """A value given by name, and the line where it stands."""

    value: Value
    line: int


Arguments: TypeAlias = dict[str, Argument]


class Table(dict[Value, Value]):
    """A dict of the file, which also knows where each of its keys stands."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[Value, int] = {}

    def put(self, key: Value, value: Value, line: int) -> None:
        """Set a key."""
        self[key] = value
        self.lines[key] = line

    def take_all(self, other: Table) -> None:
        """Set every key of another."""
        for key, value in other.items():
            self.put(key, value, other.lines[key])


@dataclass(frozen=True)
class Call:
    """A call of something that is no function of the file.

    Attributes:
        target: What is called; with ``method``, whose method it is.
        method: Name of the method, else empty.
        positional: What is given by place.
        keywords: What is given by name; what an unknown ``**mapping`` gives stands under ``**``.
        line: Where it stands.
    """

    target: Value
    method: str
    positional: tuple[Value, ...]
    keywords: Arguments
    line: int

    def get(self, place: int, *names: str, default: Value = None) -> Value:
        """An argument by its place or one of its names."""
        if place < len(self.positional):
            return self.positional[place]
        return next((self.keywords[name].value for name in names if name in self.keywords), default)

    def unknown(self) -> Unknown | None:
        """The first argument that can't be known."""
        given = (*self.positional, *(argument.value for argument in self.keywords.values()))
        return next((value for value in given if isinstance(value, Unknown)), None)


@dataclass(eq=False)
class Config:
    """A workflow's configuration.

    Attributes:
        held: Its text, the file that holds it, or the mapping itself; unknown once the file changes it in place.
        line: Where the file refers to it.
    """

    held: str | Path | Table | Unknown
    line: int


@dataclass(eq=False)
class Task:
    """A task of a DAG: what it is called with, and the configurations that it runs."""

    arguments: Arguments
    line: int
    kind: str
    configs: list[Config] = field(default_factory=list)


@dataclass(eq=False)
class Dag:
    """A DAG: what it is called with, and its tasks."""

    arguments: Arguments
    line: int
    tasks: list[Task] = field(default_factory=list)


def zone_of(value: Value) -> str | None:
    """Name of the time zone that a value says; None where it says none."""
    if isinstance(value, Zone):
        return value.name
    if isinstance(value, str):
        return value
    if isinstance(value, Imported) and value.name.split(".")[-1].lower() == "utc":
        return "UTC"
    return None
