"""Liquid in LookML's SQL, rendered by python-liquid with Looker's own tags and variables.

What depends on the query that people make (``_in_query``, parameters with a choice) is rendered for each way that it
can go. What is unknown, such as a user attribute that nobody gave a value for, is told and never taken for empty.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, TextIO

import liquid
from liquid.ast import Node
from liquid.context import RenderContext
from liquid.exceptions import LiquidError, LiquidSyntaxError
from liquid.parser import get_parser
from liquid.stream import TokenStream
from liquid.tag import Tag
from liquid.token import TOKEN_EXPRESSION, TOKEN_TAG, Token

from ingest_assets.sources.looker.lookml.fields import Field

MOST_WAYS = 32
"""Ways in which one text is rendered at most."""

_IS_LIQUID = re.compile(r"\{[{%]")
_OF_QUERY = frozenset({"_in_query", "_is_filtered", "_is_selected"})
_UNQUOTED = frozenset({"unquoted", "number", "yesno"})
_ALWAYS = "1=1"  # what Looker renders a condition to when its filter is not used
_NO_DATE = "NULL"


class UnknownValueError(Exception):
    """Liquid asks for what can't be known."""


class _UndecidedError(Exception):
    """Liquid asks for what depends on the query."""

    def __init__(self, key: str, options: tuple[object, ...]) -> None:
        self.key = key
        self.options = options
        super().__init__(key)


def _no_parameter(_path: tuple[str, ...]) -> Field | None:
    return None


@dataclass(frozen=True)
class LiquidValues:
    """What Liquid may ask for.

    Attributes:
        model: The model's name; None where it is not known.
        view: Name of the view that the SQL is of.
        explores: Names of the explores in which it may be asked.
        user_attributes: Values by name.
        localization: Texts by key.
        parameter: Finds a parameter by the words that name it: ``("orders", "period")`` or ``("period",)``.
    """

    model: str | None = None
    view: str | None = None
    explores: tuple[str, ...] = ()
    user_attributes: Mapping[str, str] = field(default_factory=dict)
    localization: Mapping[str, str] = field(default_factory=dict)
    parameter: Callable[[tuple[str, ...]], Field | None] = _no_parameter


class Rendering(NamedTuple):
    """A rendered text.

    Attributes:
        texts: One for each way that it can go, each once.
        reasons: Why ways are missing.
    """

    texts: tuple[str, ...]
    reasons: tuple[str, ...] = ()


def has_liquid(text: str) -> bool:
    """Whether there is anything to render."""
    return _IS_LIQUID.search(text) is not None


class Renderer:
    """Renders texts. Holds nothing of what it rendered."""

    def __init__(self) -> None:
        self._environment = _Environment(strict_filters=True)
        for tag in (_ConditionTag, _IncrementConditionTag, _ParameterTag, _DateStartTag, _DateEndTag):
            self._environment.add_tag(tag)
        for name in ("include", "render"):
            self._environment.tags.pop(name, None)
        self._environment.add_filter("sql_quote", _sql_quote)

    def render(self, text: str, values: LiquidValues) -> Rendering:
        """Render a text in all ways that it can go.

        Args:
            text: With constants filled in.
            values: What Liquid may ask for.
        """
        if not has_liquid(text):
            return Rendering((text,))
        try:
            template = self._environment.from_string(text)
        except (LiquidError, RecursionError) as error:
            return Rendering((), (f"its Liquid can't be read: {_words(error)}",))
        found: dict[str, None] = {}
        reasons: dict[str, None] = {}
        waiting: deque[dict[str, object]] = deque([{}])
        tried = 0
        while waiting:
            if (tried := tried + 1) > MOST_WAYS:
                reasons[f"its Liquid can go more than {MOST_WAYS} ways"] = None
                break
            decided = waiting.popleft()
            try:
                context = RenderContext(template, globals=_Scope(values, decided))
                buffer = context.get_buffer()
                template.render_with_context(context, buffer)
                found[buffer.getvalue()] = None
            except _UndecidedError as choice:
                waiting.extend(decided | {choice.key: option} for option in choice.options)
            except UnknownValueError as unknown:
                reasons[str(unknown)] = None
            except (LiquidError, RecursionError) as error:
                reasons[f"its Liquid can't be rendered: {_words(error)}"] = None
        return Rendering(tuple(found), tuple(reasons))


class _Environment(liquid.Environment):
    loop_iteration_limit: ClassVar[int | None] = 10_000
    output_stream_limit: ClassVar[int | None] = 1_000_000


class _TextNode(Node):
    """A text in place of a tag."""

    def __init__(self, token: Token, text: str) -> None:
        super().__init__(token)
        self.text = text
        self.blank = False

    def render_to_output(self, _context: RenderContext, buffer: TextIO) -> int:
        return buffer.write(self.text)


class _ParameterNode(Node):
    """The value of a parameter."""

    def __init__(self, token: Token, path: list[object]) -> None:
        super().__init__(token)
        self.path = path
        self.blank = False

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        return buffer.write(str(context.get([*self.path, "_parameter_value"], token=self.token)))


def _words_of_tag(stream: TokenStream) -> tuple[Token, str]:
    token = stream.eat(TOKEN_TAG)
    if stream.current.kind != TOKEN_EXPRESSION:
        raise LiquidSyntaxError(f"the tag {token.value!r} names no field", token=token)
    return token, stream.current.value.strip()


class _ConditionTag(Tag):
    """``{% condition orders.status %} status {% endcondition %}``: true for all rows while nobody filters."""

    name = "condition"
    end = "endcondition"

    def parse(self, stream: TokenStream) -> Node:
        token, _ = _words_of_tag(stream)
        next(stream)
        get_parser(self.env).parse_block(stream, frozenset((self.end,)))
        stream.expect(TOKEN_TAG, value=self.end)
        return _TextNode(token, _ALWAYS)


class _IncrementConditionTag(_ConditionTag):
    """``{% incrementcondition %} created_at {% endincrementcondition %}``: which rows are new."""

    name = "incrementcondition"
    end = "endincrementcondition"

    def parse(self, stream: TokenStream) -> Node:
        token = stream.eat(TOKEN_TAG)
        if stream.current.kind == TOKEN_EXPRESSION:
            next(stream)
        get_parser(self.env).parse_block(stream, frozenset((self.end,)))
        stream.expect(TOKEN_TAG, value=self.end)
        return _TextNode(token, _ALWAYS)


class _ParameterTag(Tag):
    """``{% parameter orders.period %}``."""

    name = "parameter"
    block = False

    def parse(self, stream: TokenStream) -> Node:
        token, words = _words_of_tag(stream)
        return _ParameterNode(token, list(words.split(".")))


class _DateStartTag(Tag):
    """``{% date_start orders.created %}``: no date while nobody filters."""

    name = "date_start"
    block = False

    def parse(self, stream: TokenStream) -> Node:
        token, _ = _words_of_tag(stream)
        return _TextNode(token, _NO_DATE)


class _DateEndTag(_DateStartTag):
    """``{% date_end orders.created %}``."""

    name = "date_end"


class _Scope(Mapping[str, object]):
    """Looker's variables: every first word means something, or is asked for in vain."""

    def __init__(self, values: LiquidValues, decided: Mapping[str, object]) -> None:
        self.asked = values
        self.decided = decided

    def __getitem__(self, name: str) -> object:
        return _Name((name,), self)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 1  # an empty mapping would be passed over

    def choose(self, key: str, options: tuple[object, ...]) -> object:
        if len(options) == 1:
            return options[0]
        if key not in self.decided:
            raise _UndecidedError(key, options)
        return self.decided[key]


class _Name(Mapping[str, object]):
    """A path such as ``orders.created_date``, of which only some ends have a value."""

    def __init__(self, path: tuple[str, ...], scope: _Scope) -> None:
        self._path = path
        self._scope = scope

    def __getitem__(self, key: str) -> object:
        path = (*self._path, str(key))
        if path[0] in ("_user_attributes", "_localization", "_model", "_view"):
            return self._known(path)
        if path == ("_explore", "_name") and self._scope.asked.explores:
            return self._scope.choose("_explore._name", self._scope.asked.explores)
        if path[-1] in _OF_QUERY:
            return self._scope.choose(".".join(path), (False, True))
        if path[-1] == "_parameter_value":
            return self._parameter(path[:-1])
        return _Name(path, self._scope)

    def _known(self, path: tuple[str, ...]) -> str:
        asked = self._scope.asked
        if path[0] in ("_model", "_view"):
            value = asked.model if path[0] == "_model" else asked.view
            if path[1] != "_name" or value is None:
                raise UnknownValueError(f"the Liquid variable {'.'.join(path)} is not known here")
            return value
        known = asked.user_attributes if path[0] == "_user_attributes" else asked.localization
        what = "user attribute" if path[0] == "_user_attributes" else "localization"
        if path[1] not in known:
            raise UnknownValueError(f"the {what} {path[1]!r} has no value here")
        return known[path[1]]

    def _parameter(self, path: tuple[str, ...]) -> object:
        name = ".".join(path)
        found = self._scope.asked.parameter(path)
        if found is None:
            raise UnknownValueError(f"the Liquid parameter {name} is not declared in a view that is included")
        default = () if found.default_value is None else (found.default_value,)
        options = tuple(dict.fromkeys((*default, *found.allowed_values)))
        if not options:
            raise UnknownValueError(f"the Liquid parameter {name} has neither a default value nor allowed values")
        value = str(self._scope.choose(name, options))
        return value if found.type in _UNQUOTED else _sql_quote(value)

    def _refuse(self) -> UnknownValueError:
        return UnknownValueError(f"the Liquid variable {'.'.join(self._path)} is not known here")

    def __liquid__(self) -> object:
        raise self._refuse()

    def __str__(self) -> str:
        raise self._refuse()

    def __bool__(self) -> bool:
        raise self._refuse()

    def __eq__(self, other: object) -> bool:
        raise self._refuse()

    def __hash__(self) -> int:
        return hash(self._path)

    def __contains__(self, item: object) -> bool:
        raise self._refuse()

    def __iter__(self) -> Iterator[str]:
        raise self._refuse()

    def __len__(self) -> int:
        raise self._refuse()


def _sql_quote(value: object) -> str:
    text = str(value)
    return "'" + text.replace("'", "''") + "'"


def _words(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
