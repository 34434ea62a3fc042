"""What schemas of all kinds have in common when they become fields: shapes of types, and bounds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ingest_assets.catalog import SchemaField

UNKNOWN = "UNKNOWN"

_MOST_FIELDS = 5_000
_DEEPEST = 16
_LONGEST_DISPLAY = 500


@dataclass(frozen=True)
class Shape:
    """A type, see ``catalog.SchemaField``.

    Attributes:
        data_type: OpenMetadata's word.
        display: In the schema's own words.
        description: The type's own, for fields that have none.
        children: Fields of a record, or of what a list, map or union holds.
    """

    data_type: str
    display: str
    description: str | None = None
    children: tuple[SchemaField, ...] = ()

    def field(self, name: str, description: str | None = None) -> SchemaField:
        """A field of this type."""
        display = storable(self.display)
        if len(display) > _LONGEST_DISPLAY:
            display = f"{display[:_LONGEST_DISPLAY]}…"
        return SchemaField(
            name=storable(name),
            data_type=self.data_type,
            data_type_display=display or None,
            description=storable(description or self.description or "") or None,
            children=distinct(self.children),
        )


def listing(symbols: Iterable[str]) -> str:
    """The display of an enum; of thousands of symbols only those that are shown are looked at."""
    shown, length = [], 0
    for symbol in symbols:
        shown.append(symbol)
        length += len(symbol)
        if length > _LONGEST_DISPLAY:
            break
    return f"enum<{', '.join(shown)}>"


def distinct(fields: Iterable[SchemaField]) -> tuple[SchemaField, ...]:
    """Fields of different names: alternatives without a title all have the same, and servers refuse repeated names."""
    taken: set[str] = set()
    named = []
    for field in fields:
        name, number = field.name, 1
        while name in taken:
            number += 1
            name = f"{field.name} {number}"
        taken.add(name)
        named.append(field if name == field.name else field.model_copy(update={"name": name}))
    return tuple(named)


def storable(text: str) -> str:
    """A text without what JSON can spell and neither UTF-8 nor PostgreSQL can hold: halves of surrogates, and NULs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


class Growth:
    """How far one schema's fields may grow: types that are used again and again in each other grow without end.

    Attributes:
        is_cut: Whether a field was left out.
    """

    def __init__(self) -> None:
        self._left = _MOST_FIELDS
        self.is_cut = False

    @property
    def has_room(self) -> bool:
        """Whether there is room for one more field."""
        self.is_cut = self.is_cut or not self._left
        return self._left > 0

    def takes_one(self) -> bool:
        """Take the room of one more field, if there is any."""
        if not self.has_room:
            return False
        self._left -= 1
        return True

    def goes_deeper(self, level: int) -> bool:
        """Whether fields are shown that many records deep."""
        if level < _DEEPEST:
            return True
        self.is_cut = True
        return False

    @property
    def reason(self) -> str | None:
        """What was left out; None when nothing was."""
        if not self.is_cut:
            return None
        return f"it has more than {_MOST_FIELDS} fields and references, or {_DEEPEST} levels; the rest is not shown"
