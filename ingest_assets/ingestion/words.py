"""Tags and terms of a snapshot, gathered from wherever its source met them."""

from __future__ import annotations

from ingest_assets.catalog import Reference, Word
from ingest_assets.snapshots.manifest import Manifest
from ingest_assets.snapshots.repository import Snapshots


def keep_words(snapshots: Snapshots, manifest: Manifest) -> Manifest:
    """Gather the words that stand in the scope files, each once.

    Returns:
        The manifest with its words file; without one where there are no words.
    """
    found: dict[Reference, Word] = {}
    for result in manifest.scopes:
        for word in snapshots.findings(result.file) if result.words and result.file else ():
            if isinstance(word, Word):
                known = found.setdefault(word.reference, word)
                # Whichever listing tells more of it: which one is read first is chance.
                if _told(word) > _told(known):
                    found[word.reference] = word
    if not found:
        return manifest
    with snapshots.new_findings() as writer:
        for _, word in sorted(found.items(), key=lambda each: (len(each[0].path), each[0])):
            writer.write(word)
    return manifest.model_copy(update={"words_file": writer.digest})


def _told(word: Word) -> tuple[bool, str]:
    return word.description is not None, word.model_dump_json()
