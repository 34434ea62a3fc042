"""Taking over what others wrote before us: whose words stand on an entity that the ledger does not know.

What equals the source's is ours: whoever copied it did the same as we. Of other words, and of owners, the server's own
history is asked: what the bot wrote that we write as is an older state of the source; what a person wrote, or emptied,
stays. Labels that the source doesn't have stay, whoever set them: other workflows set labels in the same bot's name. A
label that only the source has comes if the history says that no person took it away.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from ingest_assets.catalog import Entity
from ingest_assets.openmetadata.bodies import Body
from ingest_assets.openmetadata.history import NOBODY, History, TextPath
from ingest_assets.openmetadata.marks import (
    OWNERS,
    TAGS,
    TEXTS,
    Marks,
    Path,
    holders,
    kind_of,
    knows_owners,
    labels_of,
    marks_of,
    owners_of,
    text_of,
)
from ingest_assets.snapshots.server_rows import ServerRow
from ingest_assets.snapshots.written_rows import Written


class _Disputed(NamedTuple):
    """Something that source and server may say differently.

    Attributes:
        path: Of its marks.
        asked: The same for the history, with the names as the request spells them.
        said: What the source says; None: that there is none.
    """

    path: Path
    asked: TextPath
    said: str | None


@dataclass
class Adoption:
    """Adopts entities, and counts whose words it finds.

    Attributes:
        history: Who wrote what, by the server's versions.
        bot: Name of the user that we write as; asked for when it is first needed.
    """

    history: History
    bot: Callable[[], str]
    adopted: int = field(default=0, init=False)
    ours: int = field(default=0, init=False)
    persons: int = field(default=0, init=False)

    def adopt(self, entity: Entity, made: Body, row: ServerRow) -> Written:
        """What the ledger should know of an entity.

        Raises:
            RemoteError: The history could not be read.
        """
        self.adopted += 1
        path = json.dumps(entity.path)
        if row.source_hash is not None and row.source_hash == made.fingerprint:
            # Only we make this fingerprint, and it is over all that we write.
            return Written(made.fqn, entity.type, path, made.fingerprint, str(marks_of(made.json)))
        held, written, disputed = Marks(row.held), Marks(), []
        for each in _all(made):
            if each.said is not None and held.is_at(each.path, each.said):
                written.add(each.path, each.said)
            elif each.said is not None or held.has(each.path):
                disputed.append(each)
        authors = self._authors(entity, row, disputed)
        for each in disputed:
            self._settle(each, authors.get(each.asked), held, written)
        return Written(made.fqn, entity.type, path, None, str(written))

    def _authors(self, entity: Entity, row: ServerRow, disputed: list[_Disputed]) -> dict[TextPath, str | None]:
        if not disputed or row.id is None:
            return {}
        return self.history.authors(entity.reference.type, row.id, [each.asked for each in disputed])

    def _settle(self, each: _Disputed, author: str | None, held: Marks, written: Marks) -> None:
        """Mark as ours what the server holds and the bot wrote; as taken away what a person removed."""
        is_ours = bool(author) and author == self.bot()
        if each.path[-1] == TAGS:
            if not is_ours and author != NOBODY:
                written.add(each.path, each.said or "")
        elif held.has(each.path):
            if is_ours:
                written.take(each.path, held)
            self.ours += is_ours
            self.persons += not is_ours
        elif author and not is_ours:
            written.add(each.path, each.said or "")
            self.persons += 1


def _all(made: Body) -> Iterator[_Disputed]:
    """All that people may set on an entity, and the labels that the source has."""
    for holder in holders(made.json):
        for name in TEXTS:
            yield _Disputed((*holder.names, name), (*holder.spelled, name), text_of(holder.json, name))
        for fqn in labels_of(holder.json):
            kind = kind_of(fqn)
            asked = (*holder.spelled, TAGS, kind if kind in made.exclusive else fqn)
            yield _Disputed((*holder.names, TAGS), asked, fqn)
    if knows_owners(made.json):
        yield _Disputed((OWNERS,), (OWNERS,), owners_of(made.json))
