"""The company's Glue Schema Registry as state: registries, their schemas, and versions that never change."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from ingest_assets.errors import NotFoundError
from ingest_assets.sandbox.company.glue import FOUNDED

DataFormat = Literal["AVRO", "JSON", "PROTOBUF"]

DEFAULT_REGISTRY = "default-registry"  # the name that AWS's serialisers use when they are told none


@dataclass
class SchemaVersion:
    """One version of a schema.

    Attributes:
        version_id: UUID that serialisers write before each record.
        number: Counted from one.
        definition: The schema's text.
        status: ``FAILURE`` ones are kept, but were not compatible.
    """

    version_id: str
    number: int
    definition: str
    status: Literal["AVAILABLE", "PENDING", "FAILURE", "DELETING"] = "AVAILABLE"
    created: datetime = FOUNDED


@dataclass
class Schema:
    """A schema with its versions, oldest first."""

    registry: str
    name: str
    arn: str
    data_format: DataFormat
    compatibility: str = "BACKWARD"
    description: str | None = None
    versions: list[SchemaVersion] = field(default_factory=list)

    @property
    def latest(self) -> SchemaVersion:
        """The newest version that is available."""
        return next(version for version in reversed(self.versions) if version.status == "AVAILABLE")


@dataclass
class Registry:
    """A registry and its schemas by name."""

    name: str
    arn: str
    description: str | None = None
    created: datetime = FOUNDED
    schemas: dict[str, Schema] = field(default_factory=dict)


class SchemaRegistries:
    """All registries of one region, safe to read and change from several threads.

    Args:
        account: Twelve digits.
        region: Where they are; other regions are empty.
    """

    def __init__(self, account: str, region: str) -> None:
        self.account = account
        self.region = region
        self.lock = threading.RLock()
        self._registries: dict[str, Registry] = {}

    def arn(self, path: str) -> str:
        """The ARN of ``registry/name`` or ``schema/registry/name``."""
        return f"arn:aws:glue:{self.region}:{self.account}:{path}"

    def add_registry(self, name: str, description: str | None = None) -> Registry:
        """Add or replace a registry."""
        registry = Registry(name, self.arn(f"registry/{name}"), description)
        with self.lock:
            self._registries[name] = registry
        return registry

    def drop_registry(self, name: str) -> None:
        """Take a registry and its schemas away."""
        with self.lock:
            self.registry(name)
            del self._registries[name]

    def registries(self) -> list[Registry]:
        """All registries, by name."""
        with self.lock:
            return [self._registries[name] for name in sorted(self._registries)]

    def registry(self, name: str) -> Registry:
        """One registry.

        Raises:
            NotFoundError: There is none of that name.
        """
        with self.lock:
            registry = self._registries.get(name)
        if registry is None:
            raise NotFoundError(f"the company has no schema registry {name!r}", where="sandbox company")
        return registry

    def register(
        self,
        name: str,
        definition: str,
        *,
        data_format: DataFormat = "AVRO",
        registry: str = DEFAULT_REGISTRY,
        description: str | None = None,
    ) -> SchemaVersion:
        """Add a schema, or one more version of a schema that is there."""
        with self.lock:
            schemas = self.registry(registry).schemas
            if name not in schemas:
                arn = self.arn(f"schema/{registry}/{name}")
                schemas[name] = Schema(registry, name, arn, data_format, description=description)
            schema = schemas[name]
            number = len(schema.versions) + 1
            version = SchemaVersion(str(uuid.uuid5(uuid.NAMESPACE_URL, f"{schema.arn}/{number}")), number, definition)
            schema.versions.append(version)
            return version

    def schema(self, name: str, registry: str = DEFAULT_REGISTRY) -> Schema:
        """One schema.

        Raises:
            NotFoundError: There is none of that name in the registry.
        """
        with self.lock:
            schema = self.registry(registry).schemas.get(name)
        if schema is None:
            raise NotFoundError(f"registry {registry!r} has no schema {name!r}", where="sandbox company")
        return schema

    def drop(self, name: str, registry: str = DEFAULT_REGISTRY) -> None:
        """Take a schema and its versions away."""
        with self.lock:
            self.schema(name, registry)
            del self.registry(registry).schemas[name]

    def version(self, version_id: str) -> tuple[Schema, SchemaVersion] | None:
        """A version by its UUID, with its schema; None when there is none."""
        with self.lock:
            for registry in self.registries():
                for schema in registry.schemas.values():
                    for version in schema.versions:
                        if version.version_id == version_id:
                            return schema, version
        return None
