"""Finding what a model says about a key of a recipe."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from ingest_assets.recipe.document import KeyPath


def field_of(block: type[BaseModel], key: str) -> FieldInfo | None:
    """The field of a block that a recipe spells so."""
    return next((field for name, field in block.model_fields.items() if (field.alias or name) == key), None)


def block_at(model: type[BaseModel], key: KeyPath) -> type[BaseModel] | None:
    """The model of the mapping at a key."""
    return _block(_annotation(model, key))


def words_at(model: type[BaseModel], key: KeyPath) -> tuple[str, ...]:
    """The words that may stand at a key; none where it is no choice of words."""
    bare = _bare(_annotation(model, key))
    return get_args(bare) if get_origin(bare) is Literal else ()


def holds_secret(model: type[BaseModel], key: KeyPath) -> bool | None:
    """Whether the value at a key is a secret; ``None`` where the model leaves it open."""
    bare = _bare(_annotation(model, key))
    return None if bare is None or bare is Any else bare is SecretStr


def places(model: type[BaseModel], key: KeyPath = ()) -> Iterator[KeyPath]:
    """Every key that a recipe of this model can have."""
    for name, field in model.model_fields.items():
        path = (*key, field.alias or name)
        yield path
        block = _block(field.annotation)
        if block is not None:
            yield from places(block, path)


def _annotation(model: type[BaseModel], key: KeyPath) -> Any:
    current: Any = model
    for part in key:
        bare = _bare(current)
        block = _block(bare)
        if block is not None:
            field = field_of(block, str(part))
            current = field.annotation if field else None
        else:
            # The values of a mapping, or the items of a list.
            current = (*get_args(bare), None)[1 if get_origin(bare) is dict else 0]
    return current


def _block(annotation: Any) -> type[BaseModel] | None:
    bare = _bare(annotation)
    return bare if isinstance(bare, type) and issubclass(bare, BaseModel) else None


def _bare(annotation: Any) -> Any:
    """An annotation without Annotated and Optional around it."""
    while get_origin(annotation) in {Annotated, Union, types.UnionType}:
        annotation = next(part for part in get_args(annotation) if part is not type(None))
    return annotation
