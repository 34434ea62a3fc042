"""What becomes of each key that a recipe holds, and what a reader should know before it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from ingest_assets.recipe.document import KeyPath, Tree, dotted
from ingest_assets.recipe.honoured import verdicts_of
from ingest_assets.recipe.model_keys import holds_secret
from ingest_assets.recipe.recipe import NAMES_OF_SERVICES, Recipe, refusals_of
from ingest_assets.recipe.server import is_key_file, is_token_file
from ingest_assets.recipe.sign_on import JWT_TOKEN, SECURITY_CONFIG, SERVER_CONFIG, given_in, provider_in, unused_keys
from ingest_assets.recipe.variables import is_unresolved, parse_template
from ingest_assets.recipe.verdict import Level, Verdict

_PROVIDER: KeyPath = (*SERVER_CONFIG, "authProvider")
_ADDRESSES = frozenset({"domain", "tokenEndpoint", "orgURL"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HEADERS: KeyPath = (*SERVER_CONFIG, "extraHeaders")
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
    verdicts = {**verdicts_of(recipe.type), **_unused(recipe)}
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
    if plain and _is_secret(recipe, key) and not _is_file(recipe, key, plain):
        yield "A secret in plain text. Use ${NAME}, ${file:/path} or ${aws-secretsmanager:name}."
    if is_unresolved(value):
        return
    if key == (*SERVER_CONFIG, "hostPort") and not value.strip().rstrip("/").endswith("/api"):
        yield "The API of OpenMetadata lies under /api; this address does not end so."
    if key == (*SERVER_CONFIG, "verifySSL") and value.casefold() == "ignore":
        yield "Nothing checks that the server is yours: the token can be stolen on the way."
    if key[:-1] == SECURITY_CONFIG and key[-1] in _ADDRESSES and _is_open(value):
        yield "What is sent there is not encrypted: the token can be stolen on the way. Use https."
    if key == _PROVIDER and _provider(recipe) == "basic":
        yield "Whoever logs in is a person to the server: what other people wrote is not protected from these writes."


def _provider(recipe: Recipe) -> str | None:
    """How the recipe signs on, where it says so without a variable: by a token of its own, or by ``authProvider``."""
    config = recipe.document.at(SERVER_CONFIG)
    return "openmetadata" if JWT_TOKEN in given_in(config) else provider_in(config)


def _unused(recipe: Recipe) -> dict[str, Verdict]:
    """Keys of ``securityConfig`` that this recipe's way to sign on has no use for."""
    provider = _provider(recipe)
    unused = unused_keys(provider, given_in(recipe.document.at(SERVER_CONFIG))) if provider else ()
    return {dotted((*SECURITY_CONFIG, name)): Verdict("not honoured", why) for name, why in unused}


def _is_file(recipe: Recipe, key: KeyPath, text: str) -> bool:
    """Whether a secret's value is the path of the file that holds it."""
    if key == (*SECURITY_CONFIG, JWT_TOKEN):
        return is_token_file(text)
    return key == (*SECURITY_CONFIG, "secretKey") and _provider(recipe) == "google" and is_key_file(text)


def _is_open(address: str) -> bool:
    url = urlsplit(address.strip())
    return url.scheme == "http" and url.hostname not in _LOOPBACK


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
