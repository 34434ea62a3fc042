"""Taking over what others wrote before us: whose words stand on an entity that the ledger does not know.

Words that equal the source's are ours: whoever copied them did the same as we. Of others the server's own history is
asked: what a bot wrote is an older state of the source; what a person wrote, or emptied, stays.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from ingest_assets.catalog import Entity
from ingest_assets.openmetadata.bodies import Body
from ingest_assets.openmetadata.history import History
from ingest_assets.openmetadata.marks import TEXTS, Marks, Path, facets, holders, marks_of
from ingest_assets.snapshots.ledger import Written
from ingest_assets.snapshots.server_rows import ServerRow


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
        held, said, written = Marks(row.held), facets(made.json), Marks()
        disputed: list[Path] = []
        for each in dict.fromkeys([*said, *_texts(made)]):
            if each in said and held.is_at(each, said[each]):
                written.set(each, said[each])
            elif held.has(each) or each in said:
                disputed.append(each)
        authors = self._authors(entity, row, made, disputed)
        for each in disputed:
            self._settle(each, authors.get(each), said, held, written)
        return Written(made.fqn, entity.type, path, None, str(written))

    def _authors(self, entity: Entity, row: ServerRow, made: Body, disputed: list[Path]) -> dict[Path, str | None]:
        spelled = _texts(made)
        asked = {spelled[path]: path for path in disputed if path in spelled}
        if not asked or row.id is None:
            return {}
        found = self.history.authors(entity.reference.type, row.id, asked)
        return {asked[path]: author for path, author in found.items()}

    def _settle(self, path: Path, author: str | None, said: dict[Path, str], held: Marks, written: Marks) -> None:
        """Mark as ours what the server holds and a bot wrote; as taken away what a person emptied."""
        is_ours = author is not None and author == self.bot()
        if held.has(path):
            if is_ours:
                written.take(path, held)
            self.ours += is_ours
            self.persons += not is_ours
        elif author is not None and not is_ours:
            written.set(path, said[path])
            self.persons += 1


def _texts(made: Body) -> dict[Path, Path]:
    """Paths of all texts that a request can have, and the same with the names as the request spells them."""
    found = holders(made.json)
    return {(*holder.names, name): (*holder.spelled, name) for holder in found for name in TEXTS}
