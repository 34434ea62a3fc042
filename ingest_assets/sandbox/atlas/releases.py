"""Where the answers of the observed versions differ, apart from types and words."""

from __future__ import annotations

from dataclasses import dataclass

from ingest_assets.sandbox.company.atlas_model import VERSIONS


@dataclass(frozen=True)
class Release:
    """One version's ways.

    Attributes:
        version: As ``/admin/version`` tells it.
        revision: As well.
        json_type: Content type of nearly all answers.
        told_401: Whether a 401 has a body.
        cookie_wins: Whether a valid session cookie is enough beside a wrong password.
        csrf_words: What a browser's writing request without the header is told.
        csrf_header_is_enough: Whether any value of the header will do.
        refuses_broken_json: Whether broken JSON is a 400 and not a 500.
        hides_glossaries: Whether who may not read a glossary is told an empty list, and not refused.
        blank_texts: Whether a header says ``""`` for a missing owner or description, and not nothing.
        names_relatives: Whether related entities tell their qualified names, and their references that are null.
        several_types: Whether a search takes ``hive_table,kafka_topic``.
        refuses_unknown_attributes: Whether a search for an attribute that a type lacks is refused.
        refuses_quotes: Whether a filter's value with a quotation mark is a 500.
        has_markers: Whether a search hands out markers.
        counts_page: Whether ``approximateCount`` is that of the page, and not of the index.
        resolves_terms: Whether the parts of a glossary's listings tell their names.
    """

    version: str
    revision: str
    json_type: str
    told_401: bool
    cookie_wins: bool
    csrf_words: str
    csrf_header_is_enough: bool
    refuses_broken_json: bool
    hides_glossaries: bool
    blank_texts: bool
    names_relatives: bool
    several_types: bool
    refuses_unknown_attributes: bool
    refuses_quotes: bool
    has_markers: bool
    counts_page: bool
    resolves_terms: bool


def release_of(version: str) -> Release:
    """The ways of a version.

    Raises:
        ValueError: It was not observed.
    """
    if version not in VERSIONS:
        raise ValueError(f"Atlas {version} is none of {', '.join(VERSIONS)}")
    newer = version == "2.4.0"
    return Release(
        version=version,
        revision="release" if newer else "da3551938deceaf714f80ec8c0927161646cb8bb",
        json_type="application/json;charset=utf-8" if newer else "application/json; charset=UTF-8",
        told_401=newer,
        cookie_wins=newer,
        csrf_words="Missing header or invalid Header value for CSRF Vulnerability Protection"
        if newer
        else "Missing Required Header for CSRF Vulnerability Protection",
        csrf_header_is_enough=not newer,
        refuses_broken_json=newer,
        hides_glossaries=not newer,
        blank_texts=newer,
        names_relatives=newer,
        several_types=newer,
        refuses_unknown_attributes=newer,
        refuses_quotes=newer,
        has_markers=newer,
        counts_page=newer,
        resolves_terms=newer,
    )
