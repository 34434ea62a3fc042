"""What a property of a request class is, and the groups of properties that many classes share.

A property's type is one word: ``text``, ``text:<rule>`` (a rule of ``text_rules``), ``int``, ``number``, ``bool``,
``any``, ``object``, ``enum:<enumeration>``, ``list:<type>``, or the name of another class of this table.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingest_assets.sandbox.openmetadata.versions import FIRST, NEVER, Version, parse_version


@dataclass(frozen=True)
class Property:
    """One property of a request class, and the versions ``since <= v < until`` that know it."""

    name: str
    type: str
    required: bool = False
    since: Version = FIRST
    until: Version = NEVER
    minimum: int | None = None

    def known_to(self, version: Version) -> bool:
        """Whether a server of this version accepts the property."""
        return self.since <= version < self.until


def prop(name: str, kind: str, since: str = "1.0", until: str | None = None) -> Property:
    """A property known from version ``since`` up to, but without, ``until``; a ``*`` after its name: required."""
    end = NEVER if until is None else parse_version(until)
    return Property(name.rstrip("*"), kind, name.endswith("*"), parse_version(since), end)


OWNERS = (prop("owner", "EntityReference", until="1.5"), prop("owners", "list:EntityReference", "1.5"))
DOMAINS = (prop("domain", "text", "1.2", "1.9"), prop("domains", "list:text", "1.9"))
WORDS = (prop("displayName", "text"), prop("description", "text"))
TAGS = prop("tags", "list:TagLabel")
EXTENSION = prop("extension", "object")
SINCE_1_2 = (
    *DOMAINS,
    prop("dataProducts", "list:text", "1.2"),
    prop("lifeCycle", "LifeCycle", "1.2"),
    prop("sourceHash", "text:sourceHash", "1.2"),
)
SOURCE_URL = prop("sourceUrl", "text", "1.1")
RETENTION = prop("retentionPeriod", "text", "1.1")
NAME = prop("name*", "text:entityName")


def service_properties(enumeration: str) -> tuple[Property, ...]:
    """What every kind of service takes; the enumeration is that of its ``serviceType``."""
    return (
        NAME,
        *WORDS,
        prop("serviceType*", f"enum:{enumeration}"),
        prop("connection*", "ServiceConnection", until="1.2"),
        prop("connection", "ServiceConnection", "1.2"),
        TAGS,
        *OWNERS,
        *DOMAINS,
        prop("dataProducts", "list:text", "1.2"),
        prop("ingestionRunner", "EntityReference", "1.7"),
        prop("style", "object", "2.0"),
    )
