"""The Glue Schema Registry, a part of AWS Glue's API."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone

from ingest_assets.errors import NotFoundError
from ingest_assets.sandbox.aws.operations import Caller, Operation, Params, Tokens
from ingest_assets.sandbox.aws.refusal import Refusal
from ingest_assets.sandbox.company.schemas import Registry, Schema, SchemaRegistries, SchemaVersion
from ingest_assets.sandbox.fault_sites import FaultKind
from ingest_assets.sandbox.faults import Faults

_PAGE = 25  # AWS gives as many when MaxResults is not set
_PAGED = frozenset({"NextToken", "MaxResults"})
_SCHEMA_ARN = re.compile(r"arn:[^:]+:glue:([^:]*):(\d{12}):schema/([^/]+)/([^/]+)")
_REGISTRY_ARN = re.compile(r"arn:[^:]+:glue:([^:]*):(\d{12}):registry/([^/]+)")


class SchemaRegistry:
    """The operations on registries, schemas and their versions.

    Args:
        registries: The state behind.
        tokens: Issues and checks page tokens.
        faults: For the kinds that only a listing or a look-up can act out.
    """

    def __init__(self, registries: SchemaRegistries, tokens: Tokens, faults: Faults) -> None:
        self._registries = registries
        self._tokens = tokens
        self._faults = faults

    @property
    def operations(self) -> Mapping[str, Operation]:
        """By name; they join those of Glue's Data Catalog."""
        schema = frozenset({"SchemaId"})
        version = schema | {"SchemaVersionId", "SchemaVersionNumber"}
        return {
            "ListRegistries": Operation(self.list_registries, _PAGED, lambda _: ""),
            "ListSchemas": Operation(self.list_schemas, _PAGED | {"RegistryId"}, _registry_subject),
            "GetSchema": Operation(self.get_schema, schema, _schema_subject),
            "GetSchemaVersion": Operation(self.get_schema_version, version, _schema_subject),
            "ListSchemaVersions": Operation(self.list_schema_versions, _PAGED | schema, _schema_subject),
        }

    def list_registries(self, caller: Caller, params: Params) -> Params:
        """``ListRegistries``."""
        caller.principal.require("glue:ListRegistries", self._arn(caller, "registry/*"))
        with self._registries.lock:
            found = self._registries.registries() if self._is_here(caller) else []
            rows = {registry.name: _registry_row(registry) for registry in found}
        return self._page("ListRegistries", "", params, "Registries", rows)

    def list_schemas(self, caller: Caller, params: Params) -> Params:
        """``ListSchemas``: of one registry, or of all."""
        wanted = params.get("RegistryId", {})
        if wanted.keys() >= {"RegistryArn", "RegistryName"}:
            raise Refusal("InvalidInputException", "Only one of RegistryArn and RegistryName may be given.")
        name = wanted.get("RegistryName")
        if "RegistryArn" in wanted:
            name = self._own(caller, _REGISTRY_ARN, wanted["RegistryArn"])[-1]
        caller.principal.require("glue:ListSchemas", self._arn(caller, f"registry/{name or '*'}"))
        with self._registries.lock:
            found = self._registries.registries() if self._is_here(caller) else []
            if name is not None:
                found = [registry for registry in found if registry.name == name]
                if not found:
                    raise Refusal("EntityNotFoundException", f"Registry is not found. RegistryName: {name}")
            hides = self._faults.hiding("glue", "ListSchemas")
            schemas = [schema for registry in found for schema in registry.schemas.values()]
            rows = {s.arn: _listed(s) for s in schemas if not hides(f"{s.registry}/{s.name}")}
        return self._page("ListSchemas", name or "", params, "Schemas", rows)

    def get_schema(self, caller: Caller, params: Params) -> Params:
        """``GetSchema``: without the definition, which belongs to a version."""
        schema = self._schema(caller, params["SchemaId"], "GetSchema")
        with self._registries.lock:
            registry = self._registries.registry(schema.registry)
            return {
                **_listed(schema),
                "RegistryArn": registry.arn,
                "DataFormat": schema.data_format,
                "Compatibility": schema.compatibility,
                "SchemaCheckpoint": 1,
                "LatestSchemaVersion": schema.latest.number,
                "NextSchemaVersion": len(schema.versions) + 1,
            }

    def get_schema_version(self, caller: Caller, params: Params) -> Params:
        """``GetSchemaVersion``: by the UUID that stands before records, or by schema and number."""
        by_id, by_schema = "SchemaVersionId" in params, "SchemaId" in params
        if by_id in (by_schema, "SchemaVersionNumber" in params):
            message = "Either SchemaVersionId, or SchemaId and SchemaVersionNumber must be given."
            raise Refusal("InvalidInputException", message)
        if by_id:
            schema, version = self._version_of_id(caller, params["SchemaVersionId"])
        else:
            schema = self._schema(caller, params["SchemaId"], "GetSchemaVersion")
            version = _version_of(schema, params["SchemaVersionNumber"])
        row = _version_row(schema, version)
        return {**row, "SchemaDefinition": version.definition, "DataFormat": schema.data_format}

    def list_schema_versions(self, caller: Caller, params: Params) -> Params:
        """``ListSchemaVersions``: without definitions."""
        schema = self._schema(caller, params["SchemaId"], "ListSchemaVersions")
        with self._registries.lock:
            rows = {f"{version.number:09d}": _version_row(schema, version) for version in schema.versions}
        return self._page("ListSchemaVersions", schema.arn, params, "Schemas", rows)

    def _schema(self, caller: Caller, wanted: Mapping[str, str], operation: str) -> Schema:
        if "SchemaArn" in wanted:
            registry, name = self._own(caller, _SCHEMA_ARN, wanted["SchemaArn"])
            if wanted.keys() != {"SchemaArn"}:
                raise Refusal("InvalidInputException", "SchemaArn takes neither SchemaName nor RegistryName besides.")
        elif wanted.keys() == {"SchemaName", "RegistryName"}:
            registry, name = wanted["RegistryName"], wanted["SchemaName"]
        else:
            message = "Either SchemaArn or SchemaName and RegistryName has to be provided."
            raise Refusal("InvalidInputException", message)
        caller.principal.require(f"glue:{operation}", self._arn(caller, f"schema/{registry}/{name}"))
        with self._registries.lock:
            schema = self._find(caller, registry, name)
            if schema is not None and not self._vanishes(operation, f"{registry}/{name}", schema):
                return schema
        message = f"Schema is not found. RegistryName: {registry}, SchemaName: {name}"
        raise Refusal("EntityNotFoundException", message)

    def _find(self, caller: Caller, registry: str, name: str) -> Schema | None:
        try:
            return self._registries.schema(name, registry) if self._is_here(caller) else None
        except NotFoundError:
            return None

    def _vanishes(self, operation: str, subject: str, schema: Schema) -> bool:
        """Act out that somebody deletes a schema just before this call, if that is planned."""
        vanishes = self._faults.take("glue", operation, subject, [FaultKind.VANISH]) is not None
        if vanishes:
            self._registries.drop(schema.name, schema.registry)
        return vanishes

    def _version_of_id(self, caller: Caller, version_id: str) -> tuple[Schema, SchemaVersion]:
        """By UUID alone AWS can't know the schema before it looks, so that the grant is for all of them."""
        caller.principal.require("glue:GetSchemaVersion", self._arn(caller, "schema/*"))
        with self._registries.lock:
            found = self._registries.version(version_id) if self._is_here(caller) else None
            if found is not None and self._vanishes("GetSchemaVersion", version_id, found[0]):
                found = None
        if found is None:
            message = f"Schema version is not found. SchemaVersionId: {version_id}"
            raise Refusal("EntityNotFoundException", message)
        return found

    def _own(self, caller: Caller, pattern: re.Pattern[str], arn: str) -> Sequence[str]:
        match = pattern.fullmatch(arn)
        if match is None or match[1] != caller.region or match[2] != caller.account:
            raise Refusal("InvalidInputException", f"{arn} is no ARN of this account and region.")
        return match.groups()[2:]

    def _arn(self, caller: Caller, path: str) -> str:
        return f"arn:aws:glue:{caller.region}:{caller.account}:{path}"

    def _is_here(self, caller: Caller) -> bool:
        return (caller.account, caller.region) == (self._registries.account, self._registries.region)

    def _page(self, operation: str, place: str, params: Params, member: str, rows: Mapping[str, Params]) -> Params:
        listing, token, size = f"{operation}\0{place}", params.get("NextToken"), params.get("MaxResults", _PAGE)
        position = self._tokens.position(listing, token)
        left = [at for at in sorted(rows) if position is None or at > position]
        page: Params = {member: [rows[at] for at in left[:size]]}
        if token and self._faults.take("glue", operation, place, [FaultKind.LOOP_TOKEN]):
            page["NextToken"] = token
        elif len(left) > size:
            page["NextToken"] = self._tokens.issue(listing, left[size - 1])
        return page


def _registry_subject(params: Params) -> str:
    wanted = params.get("RegistryId", {})
    return str(wanted.get("RegistryName") or wanted.get("RegistryArn", "").rpartition("/")[2])


def _schema_subject(params: Params) -> str:
    """``registry/schema``, or the version's UUID."""
    if "SchemaId" not in params:
        return str(params.get("SchemaVersionId", ""))
    wanted = params["SchemaId"]
    if "SchemaArn" in wanted:
        return str(wanted["SchemaArn"]).partition(":schema/")[2]
    return f"{wanted.get('RegistryName', '')}/{wanted.get('SchemaName', '')}"


def _version_of(schema: Schema, wanted: Mapping[str, object]) -> SchemaVersion:
    latest = wanted.get("LatestVersion", False)
    if bool(latest) == ("VersionNumber" in wanted):
        raise Refusal("InvalidInputException", "Either LatestVersion or VersionNumber must be given.")
    if latest:
        return schema.latest
    found = next((version for version in schema.versions if version.number == wanted["VersionNumber"]), None)
    if found is None:
        message = f"Schema version is not found. SchemaName: {schema.name}, VersionNumber: {wanted['VersionNumber']}"
        raise Refusal("EntityNotFoundException", message)
    return found


def _described(text: str | None) -> Params:
    return {} if text is None else {"Description": text}


def _registry_row(registry: Registry) -> Params:
    return {
        "RegistryName": registry.name,
        "RegistryArn": registry.arn,
        **_described(registry.description),
        "Status": "AVAILABLE",
        "CreatedTime": _time(registry.created),
        "UpdatedTime": _time(registry.created),
    }


def _listed(schema: Schema) -> Params:
    return {
        "RegistryName": schema.registry,
        "SchemaName": schema.name,
        "SchemaArn": schema.arn,
        **_described(schema.description),
        "SchemaStatus": "AVAILABLE",
        "CreatedTime": _time(schema.versions[0].created),
        "UpdatedTime": _time(schema.versions[-1].created),
    }


def _version_row(schema: Schema, version: SchemaVersion) -> Params:
    return {
        "SchemaArn": schema.arn,
        "SchemaVersionId": version.version_id,
        "VersionNumber": version.number,
        "Status": version.status,
        "CreatedTime": _time(version.created),
    }


def _time(moment: datetime) -> str:
    """The registry gives times as text, unlike all other operations of Glue."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
