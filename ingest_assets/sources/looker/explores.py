"""Models and explores as Looker's API describes them, each asked about once a run."""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import Any, NamedTuple

from ingest_assets.catalog import Health
from ingest_assets.errors import NotFoundError, RejectedError, RemoteError
from ingest_assets.sources.looker.api import LookerApi
from ingest_assets.sources.once import Once

ABOUT = "explores_compile"
"""Name of what is told of the explores' health."""

_SHOWN = 20
_MODELS = "name,explores(name)"
_FIELD = "name,label,label_short,type,description,hidden,tags"
_EXPLORE = f"id,name,label,description,hidden,tags,project_name,errors,fields(dimensions({_FIELD}),measures({_FIELD}))"
_OWN = "system__"
"""How the names of Looker's own models begin, by which it watches itself."""


class Listed(NamedTuple):
    """An explore of a model.

    Attributes:
        model: The model.
        name: Of the explore.
        is_own: Whether it is Looker's own.
    """

    model: str
    name: str
    is_own: bool


class Field(NamedTuple):
    """A field of an explore.

    Attributes:
        name: Of its view there and its own, e.g. ``orders.created_date``.
        title: For people, with the label of its view there, by which fields of an explore are told apart.
        type: Looker's word.
        description: Markdown.
        is_hidden: Whether people don't see it.
        tags: As they stand in LookML.
    """

    name: str
    title: str
    type: str
    description: str
    is_hidden: bool
    tags: tuple[str, ...]


class Explore(NamedTuple):
    """An explore, described.

    Attributes:
        model: The model.
        name: Of the explore.
        title: For people.
        description: Markdown.
        project: The LookML project.
        is_hidden: Whether people don't see it in the menu.
        tags: As they stand in LookML.
        fields: Dimensions and measures.
    """

    model: str
    name: str
    title: str
    description: str
    project: str
    is_hidden: bool
    tags: tuple[str, ...]
    fields: tuple[Field, ...]


class Explores:
    """Reads models and explores. Safe to share among threads.

    Args:
        api: Of the instance.
    """

    def __init__(self, api: LookerApi) -> None:
        self._api = api
        self._listings: Once[str, tuple[Listed, ...]] = Once(self._list)
        self._explores: Once[tuple[str, str], Explore] = Once(self._read)
        self._lock = threading.Lock()
        self._errors: dict[tuple[str, str], str] = {}

    def forget_failures(self) -> None:
        """See ``Once``."""
        self._listings.forget_failures()
        self._explores.forget_failures()

    def listed(self) -> tuple[Listed, ...]:
        """All explores of the models that the API user may see.

        Raises:
            RemoteError: They could not be listed.
        """
        return self._listings.get("all")

    def explore(self, model: str, name: str) -> Explore:
        """An explore.

        Raises:
            NotFoundError: Looker does not show it.
            RemoteError: It could not be read.
        """
        return self._explores.get((model, name))

    def health(self) -> Health:
        """How many explores were read, and of which Looker says that their LookML has errors."""
        with self._lock:
            broken = sorted((key, words) for key, words in self._errors.items() if words)
            known = len(self._errors)
        shown = tuple(f"{model}/{name} ({words})" for (model, name), words in broken[:_SHOWN])
        return Health(about=ABOUT, known=known, unwell=len(broken), examples=shown)

    def is_there(self, name: str, declared: Collection[str] | None) -> bool:
        """Whether there is an explore of a name in the catalog, which joins a model's and an explore's.

        Looker answers alike for an explore that is gone and for one whose model the API user may not see: with a model
        ``shop`` that is shown, ``shop_eu_orders`` may be one of ``shop_eu``, which is not.

        Args:
            name: Of its data model.
            declared: Models that LookML declares; None where that is not read.

        Raises:
            RemoteError: It can't be told.
        """
        # Who may not explore sees models without any explore, and is answered as if none were there.
        shown = {listed.model for listed in self.listed()}
        splits = [(name[:at], name[at + 1 :]) for at, letter in enumerate(name) if letter == "_"]
        for model, explore in splits:
            if model in shown and self._answers(model, explore):
                return True
        hidden = [model for model, _ in splits if model not in shown and (declared is None or model in declared)]
        if hidden or not any(model in shown for model, _ in splits):
            models = f" ({', '.join(hidden)})" if hidden else ""
            raise RejectedError(
                f"No explore of the model that it may be of{models} is shown to the API user.",
                where=f"looker:lookml_model_explore of {name}",
                advice="Add the model to the model set of the user's role, and the permission explore to the role; if "
                "it is gone, delete it in OpenMetadata.",
            )
        return False

    def _answers(self, model: str, explore: str) -> bool:
        try:
            self._api.call("lookml_model_explore", f"{model}/{explore}", model, explore, fields="id")
        except NotFoundError:
            return False
        return True

    def _list(self, _: str) -> tuple[Listed, ...]:
        models = self._api.all("all_lookml_models", "all models", fields=_MODELS)
        listed = [
            Listed(model.name, explore.name, model.name.startswith(_OWN))
            for model in models
            for explore in model.explores or ()
        ]
        return tuple(dict.fromkeys(listed))

    def _read(self, key: tuple[str, str]) -> Explore:
        model, name = key
        told = self._api.call("lookml_model_explore", f"{model}/{name}", model, name, fields=_EXPLORE)
        with self._lock:
            self._errors[key] = _words_of(told.errors) if told.errors else ""
        if told.errors and (told.fields is None or not told.fields.dimensions):
            raise _broken(told.errors, f"looker:lookml_model_explore of {model}/{name}")
        fields = told.fields
        kinds = (fields.dimensions, fields.measures) if fields is not None else ()
        return Explore(
            model=model,
            name=name,
            title=told.label or name,
            description=(told.description or "").strip(),
            project=told.project_name or "",
            is_hidden=bool(told.hidden),
            tags=tuple(told.tags or ()),
            fields=tuple(_field(each) for kind in kinds for each in kind or ()),
        )


def _field(told: Any) -> Field:
    return Field(
        name=told.name,
        title=(told.label or told.label_short or "").strip() or told.name,
        type=told.type or "",
        description=(told.description or "").strip(),
        is_hidden=bool(told.hidden),
        tags=tuple(told.tags or ()),
    )


def _broken(errors: Any, where: str) -> RemoteError:
    advice = "Validate the LookML in Looker."
    return RejectedError(f"Looker can't compile it: {_words_of(errors)}", where=where, advice=advice)


def _words_of(errors: Any) -> str:
    """What the first error of an explore says."""
    first = next(iter(errors))
    return getattr(first, "message", None) or str(first)
