"""What becomes of each key that a recipe holds, and what a reader should know before it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ingest_assets.recipe.document import KeyPath, Tree, dotted
from ingest_assets.recipe.honoured import Level, Verdict, verdicts_of
from ingest_assets.recipe.model_keys import holds_secret
from ingest_assets.recipe.recipe import NAMES_OF_SERVICES, Recipe, refusals_of
from ingest_assets.recipe.server import is_token_file
from ingest_assets.recipe.variables import is_unresolved, parse_template

_SERVER: KeyPath = ("workflowConfig", "openMetadataServerConfig")
_JWT_TOKEN: KeyPath = (*_SERVER, "securityConfig", "jwtToken")
_HEADERS: KeyPath = (*_SERVER, "extraHeaders")
# For headers, and for keys of sources and drivers that have no model of their own.
_SECRET_NAME = re.compile(r"secret|password|token$|private_?key|api-?key|authorization|cookie", re.IGNORECASE)


@dataclass(frozen=True)
class LintNote:
    """What becomes of one key.

    Attributes:
        key: The key, dotted.
        level: Whether it is honoured; ``warning`` does not stop a recipe, ``error`` does.
        why: The reason, in a sentence.
        line: Line of the key in the file.
    """

    key: str
    level: Level
    why: str
    line: int


def lint(recipe: Recipe) -> list[LintNote]:
    """One note for each key of the recipe, and further ones for what is dangerous or can't run.

    Nothing is looked up: no variable, no secret, no service. A recipe runs if no note is an ``error``.
    """
    verdicts = verdicts_of(recipe.type)
    refusals: dict[KeyPath, list[str]] = {}
    for key, text in refusals_of(recipe):
        refusals.setdefault(key, []).append(text)
    notes = []
    for key, value in _leaves(recipe.document.tree, ()):
        refused = refusals.pop(key, [])
        found = [Verdict("error", text) for text in refused]
        if not refused:
            found = [_verdict(key, verdicts), *(Verdict("warning", text) for text in _warnings(recipe, key, value))]
        notes += [_note(recipe, key, verdict) for verdict in found]
    # A list is one value, but a refusal may name one of its items.
    notes += [_note(recipe, key, Verdict("error", text)) for key, texts in refusals.items() for text in texts]
    return notes


def _note(recipe: Recipe, key: KeyPath, verdict: Verdict) -> LintNote:
    return LintNote(dotted(key), verdict.level, verdict.why, recipe.document.line_of(key))


def _verdict(key: KeyPath, verdicts: Mapping[str, Verdict]) -> Verdict:
    for end in range(len(key), 0, -1):
        verdict = verdicts.get(dotted(key[:end]))
        if verdict is not None:
            return verdict
    return Verdict("not honoured", "It holds nothing.")


def _leaves(tree: Tree, key: KeyPath) -> Iterator[tuple[KeyPath, Tree]]:
    """Each key that holds a value of its own; a list counts as one value."""
    if isinstance(tree, dict) and tree:
        for name, value in tree.items():
            yield from _leaves(value, (*key, name))
    else:
        yield key, tree


def _warnings(recipe: Recipe, key: KeyPath, value: Tree) -> Iterator[str]:
    if isinstance(value, list):
        if key in NAMES_OF_SERVICES and any(is_unresolved(item) for item in value):
            yield "A variable here keeps this recipe from being ordered after the one of that service."
        return
    if not isinstance(value, str):
        return
    plain = _written_out(value)
    if plain and _is_secret(recipe, key) and not (key == _JWT_TOKEN and is_token_file(plain)):
        yield "A secret in plain text. Use ${NAME}, ${file:/path} or ${aws-secretsmanager:name}."
    if is_unresolved(value):
        return
    if key == (*_SERVER, "hostPort") and not value.strip().rstrip("/").endswith("/api"):
        yield "The API of OpenMetadata lies under /api; this address does not end so."
    if key == (*_SERVER, "verifySSL") and value.casefold() == "ignore":
        yield "Nothing checks that the server is yours: the token can be stolen on the way."


def _written_out(value: str) -> str:
    """What of a value stands in the file: all of it without variables, else what their defaults hold."""
    template = parse_template(value)
    defaults = [reference.default for reference in template.references() if reference.default]
    templates = defaults if is_unresolved(value) else [template]
    return "".join(part for one in templates for part in one.parts if isinstance(part, str))


def _is_secret(recipe: Recipe, key: KeyPath) -> bool:
    of_model = holds_secret(recipe.source_type.workflow, key)
    if of_model is None or key[:-1] == _HEADERS:
        return bool(_SECRET_NAME.search(str(key[-1])))
    return of_model
