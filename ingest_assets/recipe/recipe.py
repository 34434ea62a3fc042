"""A recipe as it lies in its file, and how it becomes a workflow with every value known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError

from ingest_assets.errors import RecipeError, UnsetVariableError
from ingest_assets.recipe.atlas import AtlasDagsterSettings
from ingest_assets.recipe.document import Document, KeyPath, Tree, dotted
from ingest_assets.recipe.messages import describe_errors
from ingest_assets.recipe.placeholders import find_placeholders
from ingest_assets.recipe.resolver import Resolver
from ingest_assets.recipe.settings import DagsterSettings
from ingest_assets.recipe.sign_on import SERVER_CONFIG, missing_in
from ingest_assets.recipe.source_types import SourceType
from ingest_assets.recipe.variables import Reference, is_unresolved, parse_template
from ingest_assets.recipe.workflow import Workflow

NAMES_OF_SERVICES: tuple[KeyPath, ...] = (
    ("source", "serviceConnection", "config", "databaseServiceName"),
    ("source", "serviceConnection", "config", "messagingServiceName"),
    ("source", "sourceConfig", "config", "dbServiceNames"),
    ("source", "sourceConfig", "config", "lineageInformation", "dbServiceNames"),
    ("source", "sourceConfig", "config", "lineageInformation", "dbServicePrefixes"),
    ("dagster", "source", "storage_services"),
    ("dagster", "source", "firehose", "storage_services"),
    ("dagster", "source", "firehose", "database_services"),
    ("dagster", "source", "data_sources"),
)
# The first part of a fully qualified name; parts with dots in them are quoted.
_FIRST_PART = re.compile(r'"((?:[^"]|"")*)"|([^.]+)')


@dataclass(frozen=True)
class VariableUse:
    """A variable, file or secret that a recipe refers to.

    Attributes:
        reference: What is looked up.
        keys: The keys whose values hold it, dotted, in the order of the file.
    """

    reference: Reference
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Recipe:
    """A recipe's file, checked and unresolved. Safe to keep and to show: it holds no looked-up value.

    Attributes:
        document: The file's text values and where they stand.
        source_type: The source that it names.
    """

    document: Document = field(repr=False)
    source_type: SourceType

    @property
    def path(self) -> Path:
        """The file."""
        return self.document.path

    @property
    def type(self) -> str:
        """``source.type`` in lower case."""
        return self.source_type.name

    @property
    def service_name(self) -> str:
        """Name of the service in OpenMetadata."""
        return str(self.document.at(("source", "serviceName")))

    @cached_property
    def dagster(self) -> DagsterSettings:
        """When and how Dagster runs it."""
        model = self.source_type.workflow.model_fields["dagster"].annotation
        if not (isinstance(model, type) and issubclass(model, DagsterSettings)):
            raise TypeError(f"{self.source_type.workflow.__name__}.dagster is no DagsterSettings")
        return model.model_validate(self.document.at(("dagster",)) or {})

    @cached_property
    def variables(self) -> tuple[VariableUse, ...]:
        """What it refers to, each once, with the keys that do."""
        uses: dict[Reference, list[str]] = {}
        for key, text in self.document.scalars():
            for reference in parse_template(text).references():
                keys = uses.setdefault(reference, [])
                if dotted(key) not in keys:
                    keys.append(dotted(key))
        return tuple(VariableUse(reference, tuple(keys)) for reference, keys in uses.items())

    @property
    def names_services(self) -> tuple[str, ...]:
        """Other services in OpenMetadata that it names, each once; those given by variables can't be known."""
        names = (
            _service_of(text)
            for key in NAMES_OF_SERVICES
            for text in _texts(self.document.at(key))
            if text and not is_unresolved(text)
        )
        found = tuple(dict.fromkeys(names))
        return found or ((self.service_name,) if self.source_type.in_service else ())

    @property
    def asks_for(self) -> tuple[str, ...]:
        """Keys of ``dagster.source`` by which it asks for entities that its source makes on request only."""
        if not isinstance(self.dagster, AtlasDagsterSettings):
            return ()
        wanted = {"create": self.dagster.source.create, "pipelines": self.dagster.source.pipelines}
        return tuple(key for key, value in wanted.items() if value)

    @property
    def events_queue(self) -> str | None:
        """Queue of the service's events, as it is written: maybe a variable."""
        written = self.document.at(("dagster", "source", "events_queue"))
        return written if isinstance(written, str) and written.strip() else None

    @property
    def log_level(self) -> str | None:
        """``workflowConfig.loggerLevel`` in Python's words; None where it isn't said, or only known at run time."""
        written = self.document.at(("workflowConfig", "loggerLevel"))
        if not isinstance(written, str) or is_unresolved(written):
            return None
        return {"WARN": "WARNING"}.get(written.upper(), written.upper())

    def resolve(self, resolver: Resolver) -> Workflow:
        """Looks up its variables and secrets, at run time.

        Every secret of the workflow is known to the resolver's redactor afterwards.

        Raises:
            UnsetVariableError: Variables without value or default, one line each with the key.
            RecipeError: A placeholder of the docs is left, or a value does not fit once it is known.
            RemoteError: AWS Secrets Manager does not give a secret.
        """
        refuse_unfinished(self)
        tree = _Resolution(self.document, resolver).tree()
        try:
            workflow = self.source_type.workflow.model_validate(tree)
        except ValidationError as error:
            lines = describe_errors(error.errors(), self.source_type.workflow, self.document)
            # The errors' own chain would show the values.
            raise RecipeError(resolver.redact("\n".join(lines))) from None
        files = workflow.workflow_config.open_metadata_server_config.secrets_in_files()
        for secret in _secrets_in(workflow):
            # Messages about a secret's file must be able to name it.
            if not any(secret is named for named in files):
                resolver.redactor.add(secret.get_secret_value())
        return workflow


def refusals_of(recipe: Recipe) -> Iterator[tuple[KeyPath, str]]:
    """Why a recipe that loads can't run, each with its key; without looking anything up."""
    document = recipe.document
    for key, placeholder in find_placeholders(document):
        yield key, f"{placeholder} is left from the docs. Write the value, or a variable such as ${{NAME}}."
    # The model says so too, but not while another key of its block, such as hostPort, waits for its variable.
    missing = missing_in(document.at(SERVER_CONFIG))
    if missing is not None:
        yield SERVER_CONFIG, f"{missing}."


def refuse_unfinished(recipe: Recipe) -> None:
    """Refuse a recipe that loads and can't run; without looking anything up.

    Raises:
        RecipeError: One line for each reason.
    """
    refusals = [f"{recipe.document.where(key)}: {text}" for key, text in refusals_of(recipe)]
    if refusals:
        raise RecipeError("\n".join(refusals))


class _Resolution:
    """One walk over a recipe's values that collects every problem before it gives up."""

    def __init__(self, document: Document, resolver: Resolver) -> None:
        self._document = document
        self._resolver = resolver
        self._errors: list[RecipeError] = []

    def tree(self) -> Tree:
        tree = self._resolved(self._document.tree, ())
        if self._errors:
            only_unset = all(isinstance(error, UnsetVariableError) for error in self._errors)
            kind = UnsetVariableError if only_unset else RecipeError
            raise kind("\n".join(str(error) for error in self._errors))
        return tree

    def _resolved(self, tree: Tree, key: KeyPath) -> Tree:
        if isinstance(tree, dict):
            return {name: self._resolved(value, (*key, name)) for name, value in tree.items()}
        if isinstance(tree, list):
            return [self._resolved(value, (*key, index)) for index, value in enumerate(tree)]
        if tree is None:
            return None
        try:
            return self._resolver.text(parse_template(tree), self._document.where(key))
        except RecipeError as error:
            self._errors.append(error)
            return None


def _texts(tree: Tree) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, list | dict):
        items = tree.values() if isinstance(tree, dict) else tree
        yield from (item for item in items if isinstance(item, str))


def _service_of(name: str) -> str:
    match = _FIRST_PART.match(name)
    if match is None:
        return name
    quoted, plain = match.groups()
    return str(plain) if quoted is None else str(quoted).replace('""', '"')


def _secrets_in(value: Any) -> Iterator[SecretStr]:
    if isinstance(value, SecretStr):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _secrets_in(getattr(value, name))
    elif isinstance(value, dict):
        for item in value.values():
            yield from _secrets_in(item)
