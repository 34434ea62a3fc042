"""The snapshots of one service: scope files, manifests and plans, and which of them is the latest."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ingest_assets.catalog import Entity, Finding, Service, Word
from ingest_assets.errors import StoreError
from ingest_assets.snapshots.findings import FindingsWriter, read_findings
from ingest_assets.snapshots.manifest import FORMAT, Manifest
from ingest_assets.snapshots.store import Store


class Snapshots:
    """What the store holds of one service.

    Args:
        store: Where the files lie.
        source_type: Type of the recipe, e.g. ``glue``.
        service: Name of the service.
    """

    def __init__(self, store: Store, source_type: str, service: str) -> None:
        self.store = store
        self.source_type = source_type
        self.service = service
        self._home = f"{source_type}/{_file_name(service)}"

    @contextmanager
    def new_findings(self) -> Iterator[FindingsWriter]:
        """A writer of a new scope file, kept under the hash of its content unless an error ends the block."""
        file = self.store.scratch()
        try:
            with FindingsWriter(file) as writer:
                yield writer
            key = self._findings_key(writer.digest)
            # A file of that name and another size was cut; the same content is compressed to the same size.
            if self.store.size(key) != file.stat().st_size:
                self.store.keep(key, file)
        finally:
            file.unlink(missing_ok=True)

    def findings(self, digest: str) -> Iterator[Finding]:
        """What a scope file holds.

        Raises:
            StoreError: The file is not there, or damaged; then it is removed, so that the next snapshot writes it anew.
        """
        key = self._findings_key(digest)
        file = self.store.fetch(key)
        try:
            yield from read_findings(file, digest)
        except StoreError:
            self.store.remove(key)
            raise

    def entities(self, digest: str) -> Iterator[Entity]:
        """The entities that a scope file holds."""
        return (finding for finding in self.findings(digest) if isinstance(finding, Entity))

    def services(self, manifest: Manifest) -> list[Service]:
        """The services of a snapshot: the recipe's own first; none where its source owns none."""
        return [entity for entity in self.entities(manifest.service_file) if isinstance(entity, Service)]

    def words(self, manifest: Manifest) -> list[Word]:
        """Tags, terms and groups of them that a snapshot's labels need, parents first."""
        found = self.findings(manifest.words_file) if manifest.words_file else iter(())
        return [finding for finding in found if isinstance(finding, Word)]

    def publish(self, manifest: Manifest) -> None:
        """Keep a manifest and make it the latest."""
        self._keep_text(self._manifest_key(manifest.run_id), manifest.model_dump_json(exclude_defaults=True))
        self._keep_text(f"{self._home}/latest", manifest.run_id)

    def keep_attempt(self, manifest: Manifest) -> None:
        """Keep what an attempt has proven so far, for the retry of the same run."""
        self._keep_text(self._attempt_key(manifest.run_id), manifest.model_dump_json(exclude_defaults=True))

    def attempt(self, run_id: str) -> Manifest | None:
        """What an earlier attempt of the same run has proven."""
        key = self._attempt_key(run_id)
        return self._read_manifest(key) if self.store.has(key) else None

    def latest(self) -> Manifest | None:
        """The manifest published last, by any run."""
        key = f"{self._home}/latest"
        return self.manifest(self.store.fetch(key).read_text(encoding="utf-8")) if self.store.has(key) else None

    def manifest(self, run_id: str) -> Manifest:
        """The manifest of a run.

        Raises:
            StoreError: There is none, or it is damaged.
        """
        return self._read_manifest(self._manifest_key(run_id))

    def current(self, run_id: str) -> Manifest:
        """The manifest of a run, else the one published last.

        Raises:
            StoreError: There is none at all, or it is damaged.
        """
        found = self.manifest(run_id) if self.has_manifest(run_id) else self.latest()
        if found is None:
            raise StoreError(f"There is no snapshot of {self.service} yet. Materialize its snapshot first.")
        return found

    def remove(self, run_id: str) -> None:
        """Remove a run's manifest, its attempt, its plans and what was published of it."""
        below = [
            key
            for folder in ("plans", "published")
            for key in self.store.keys(f"{self._home}/{folder}/{_file_name(run_id)}/")
        ]
        for key in (self._manifest_key(run_id), self._attempt_key(run_id), *below):
            self.store.remove(key)

    def remove_findings(self, digest: str) -> None:
        """Remove a scope file."""
        self.store.remove(self._findings_key(digest))

    def has_manifest(self, run_id: str) -> bool:
        """Whether that run published a manifest."""
        return self.store.has(self._manifest_key(run_id))

    def note_published(self, run_id: str, server: str, kind: str, counts: Mapping[str, int]) -> None:
        """Note that all of one kind was tried to be published of a manifest, and what came of it."""
        self._keep_text(f"{self._published(run_id, server)}{_file_name(kind)}.json", json.dumps([kind, counts]))

    def published(self, run_id: str, server: str) -> dict[str, Counter[str]]:
        """Kinds that were published of a manifest, with their counts by action."""
        files = (self.store.fetch(key) for key in self.store.keys(self._published(run_id, server)))
        found = (json.loads(file.read_bytes()) for file in files)
        return {kind: Counter(counts) for kind, counts in found}

    def plan(self, run_id: str, server: str) -> Path:
        """A local file with the plan of a manifest against a server, which must not be changed.

        Raises:
            StoreError: There is none.
        """
        key = self.plan_key(run_id, server)
        if not self.store.has(key):
            raise StoreError(
                f"There is no plan yet for the snapshot that run {run_id} took of {self.service}. "
                "Materialize its plan first."
            )
        return self.store.fetch(key)

    def plan_key(self, run_id: str, server: str) -> str:
        """Where the plan of a manifest against a server lies."""
        return f"{self._home}/plans/{_file_name(run_id)}/{_file_name(server)}.sqlite"

    def ledger_key(self, server: str) -> str:
        """Where the ledger of a server lies."""
        return f"{self._home}/ledgers/{_file_name(server)}.sqlite"

    def lease_key(self, server: str) -> str:
        """Where the lease of a server lies: one run at a time writes to it."""
        return f"{self._home}/leases/{_file_name(server)}"

    def _keep_text(self, key: str, text: str) -> None:
        file = self.store.scratch()
        file.write_text(text, encoding="utf-8")
        self.store.keep(key, file)

    def _read_manifest(self, key: str) -> Manifest:
        try:
            told = json.loads(self.store.fetch(key).read_bytes())
            written = told["format"]
            manifest = Manifest.model_validate(told) if written == FORMAT else None
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(f"{key} is damaged ({type(error).__name__}). Materialize the snapshot again.") from error
        if manifest is None:
            raise StoreError(f"{key} has format {written}, this version reads {FORMAT}. Upgrade ingest_assets.")
        return manifest

    def _published(self, run_id: str, server: str) -> str:
        return f"{self._home}/published/{_file_name(run_id)}/{_file_name(server)}/"

    def _findings_key(self, digest: str) -> str:
        return f"{self._home}/scopes/{digest[:2]}/{digest}.jsonl.gz"

    def _manifest_key(self, run_id: str) -> str:
        return f"{self._home}/manifests/{_file_name(run_id)}.json"

    def _attempt_key(self, run_id: str) -> str:
        return f"{self._home}/attempts/{_file_name(run_id)}.json"


def _file_name(text: str) -> str:
    """Text as the name of a file, readable, and never the same for two texts."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", text)[:80]
    return plain if plain == text else f"{plain}-{hashlib.blake2b(text.encode(), digest_size=6).hexdigest()}"
