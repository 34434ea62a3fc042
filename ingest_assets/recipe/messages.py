"""What is wrong with a recipe, in lines that name file, line, key, what was expected and the nearest right word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from ingest_assets.recipe.document import Document, KeyPath, dotted, kind_of
from ingest_assets.recipe.fields import known_keys
from ingest_assets.recipe.model_keys import block_at, field_of, holds_secret, places, words_at
from ingest_assets.recipe.placeholders import placeholder_in
from ingest_assets.recipe.variables import is_unresolved

_MAPPING_EXPECTED = frozenset({"model_type", "model_attributes_type", "dict_type"})
_LIST_EXPECTED = frozenset({"list_type", "tuple_type"})
_STRUCTURE = _MAPPING_EXPECTED | _LIST_EXPECTED | {"extra_forbidden", "missing"}
_NUMBERS = {
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a smaller number",
    "int_type": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
}
_MAX_SHOWN = 80
_USER_IN_URL = re.compile(r"//[^/\s]*@")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that a mistyped one most likely means; case does not count."""
    by_fold = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[near[0]] if near else None


def describe_errors(errors: Iterable[ErrorDetails], model: type[BaseModel], document: Document) -> Iterator[str]:
    """One line for each error, in the order of the file.

    Values are shown as they stand in the file, never as a variable resolved, and never those of secrets.
    """
    for details in sorted(errors, key=lambda details: document.line_of(details["loc"])):
        key: KeyPath = details["loc"]
        yield f"{document.where(key)}: {_explain(details, key, model, document)}"


def can_be_judged(details: ErrorDetails, document: Document) -> bool:
    """Whether an error is one even before variables are resolved and placeholders are filled in."""
    value = document.at(details["loc"])
    return details["type"] in _STRUCTURE or not (is_unresolved(value) or placeholder_in(value))


def _explain(details: ErrorDetails, key: KeyPath, model: type[BaseModel], document: Document) -> str:
    kind = details["type"]
    value = document.at(key)
    if kind == "extra_forbidden":
        return _unknown_key(key, model)
    if kind == "missing":
        return _missing(key, model, document)
    if kind in _MAPPING_EXPECTED:
        return f"expected a mapping (key: value, indented below), got {kind_of(value)}."
    if kind in _LIST_EXPECTED:
        return f"expected a list (one '- value' a line), got {kind_of(value)}."
    # What no model knows may be a secret too, and a key's id with a blank in it may be the id and the secret.
    shown = _shown(value) if holds_secret(model, key) is False and kind != "credential" else ""
    if kind == "literal_error":
        return _not_a_word(key, model, value, shown)
    return f"{_expectation(details)}{shown}."


def _expectation(details: ErrorDetails) -> str:
    kind, context = details["type"], details.get("ctx", {})
    if kind == "value_error":
        return str(context["error"]).rstrip(".")
    if kind in _NUMBERS:
        return f"expected {_NUMBERS[kind]}"
    if kind == "string_type":
        return "expected text"
    if kind == "greater_than_equal":
        return f"expected at least {_plain(context['ge'])}"
    if kind == "less_than_equal":
        return f"expected at most {_plain(context['le'])}"
    return details["msg"].rstrip(".")


def _plain(number: float) -> str:
    return str(int(number) if number == int(number) else number)


def _shown(value: object) -> str:
    if not isinstance(value, str):
        return "" if value is None or isinstance(value, dict) else f", got {kind_of(value)}"
    text = _USER_IN_URL.sub("//***@", value)
    text = text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}..."
    return f", got {text!r}"


def _unknown_key(key: KeyPath, model: type[BaseModel]) -> str:
    word = str(key[-1])
    block = block_at(model, key[:-1])
    known = known_keys(block) if block else ()
    homes = [path for path in places(model) if path[-1] == word]
    if homes:
        return f"unknown key here; it belongs to {dotted(homes[-1][:-1]) or 'the top level'}."
    near = nearest(word, known)
    if near is not None:
        return f"unknown key. Did you mean {near}?"
    return f"unknown key. Known here: {', '.join(known)}."


def _missing(key: KeyPath, model: type[BaseModel], document: Document) -> str:
    block = block_at(model, key[:-1])
    field = field_of(block, str(key[-1])) if block else None
    what = field.description if field and field.description else "a value is needed."
    value = document.at(key)
    if is_unresolved(value):
        return f"empty once {value} is resolved. {what}"
    parent = document.at(key[:-1])
    given = isinstance(parent, dict) and key[-1] in parent
    return f"{'empty' if given else 'missing'}. {what}"


def _not_a_word(key: KeyPath, model: type[BaseModel], value: object, shown: str) -> str:
    words = words_at(model, key)
    near = nearest(value, words) if isinstance(value, str) else None
    hint = f" Did you mean {near}?" if near else ""
    expected = f"one of {', '.join(words)}" if len(words) > 1 else "".join(words)
    return f"expected {expected}{shown}.{hint}"
