"""What every model of a recipe shares: its base, and the types of its values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, SecretStr, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

_TRUE = frozenset({"true", "yes", "on"})
_FALSE = frozenset({"false", "no", "off"})


class RecipeBlock(BaseModel):
    """A mapping of a recipe. Unknown keys are refused; an empty value counts as not given."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _leave_out_what_is_empty(cls, data: Any) -> Any:
        # The docs print `namespace:` without a value, and an optional variable defaults to "".
        if not isinstance(data, Mapping):
            return data
        known = set(known_keys(cls))
        return {key: value for key, value in data.items() if key not in known or not _is_blank(value)}


class WorkflowBlock(RecipeBlock):
    """A mapping of OpenMetadata's workflow, whose keys are camelCase."""

    model_config = ConfigDict(alias_generator=to_camel)


def known_keys(model: type[BaseModel]) -> tuple[str, ...]:
    """The keys of a block as a recipe spells them."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def any_case(words: Any) -> BeforeValidator:
    """Lets each word of a ``Literal`` be spelled in any case (``type: Atlas`` and ``atlas``)."""
    spelling = {word.casefold(): word for word in get_args(words)}

    def _spell(value: object) -> object:
        return spelling.get(value.strip().casefold(), value) if isinstance(value, str) else value

    return BeforeValidator(_spell)


def _switch(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().casefold() if isinstance(value, str) else ""
    if word not in _TRUE | _FALSE:
        raise ValueError("expected true or false")
    return word in _TRUE


def http_url(value: str) -> str:
    """A URL as it is.

    Raises:
        ValueError: It is none of http or https, names no host, or holds a user.
    """
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        # The same check that a request makes, where it ends a run instead of a recipe's line.
        (parts.hostname or "").encode("idna")
    except ValueError:
        usable = False
    if not usable or any(character.isspace() for character in value):
        raise ValueError("expected a URL that begins with http:// or https:// and names a host")
    if "@" in parts.netloc:
        # Addresses end up in logs and metadata.
        raise ValueError("an address holds no user and password; they belong to keys of their own")
    return value


def _stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def one_word(text: str) -> str:
    """A key or a token, which goes into a header.

    Raises:
        PydanticCustomError: No header can hold it; whatever can't send it would quote it.
    """
    if text.isascii() and text.isprintable() and " " not in text:
        return text
    raise PydanticCustomError(
        "credential", "holds a blank, a line break or a character that no key has; copy it anew, as one line"
    )


def _one_word(value: SecretStr) -> SecretStr:
    return SecretStr(one_word(value.get_secret_value()))


Switch = Annotated[bool, BeforeValidator(_switch)]
"""``true`` or ``false``; YAML's older ``yes``, ``no``, ``on``, ``off`` as well."""

Line = Annotated[str, BeforeValidator(_stripped)]
"""A path, or a name of AWS, without the line break that a file puts at its end."""

HttpUrl = Annotated[str, BeforeValidator(_stripped), AfterValidator(http_url)]
"""An http or https URL, kept as it is spelled."""

KeyId = Annotated[str, BeforeValidator(_stripped), AfterValidator(one_word)]
"""The public half of a key, without the line break that a file or a copy puts at its end."""

SecretKey = Annotated[SecretStr, BeforeValidator(_stripped), AfterValidator(_one_word)]
"""A key or token that goes into a header, without the line break that a file or a copy puts at its end."""

LogLevel = Literal["DEBUG", "INFO", "WARN", "WARNING", "ERROR"]
