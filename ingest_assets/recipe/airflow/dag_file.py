"""A file of DAGs: the metadata workflows that it runs, each with its DAG, its task and its configuration."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from ingest_assets.errors import RecipeError
from ingest_assets.recipe.airflow.known_calls import variable
from ingest_assets.recipe.airflow.statements import Statements
from ingest_assets.recipe.airflow.values import Config, Dag, Table, Task, Unknown, Value
from ingest_assets.recipe.document import content_of, text_of

_MAX_FILE = 1 << 20
_MAX_DEPTH = 50
_RARE_LINE_ENDS = re.compile("[\x85\u2028\u2029]")
_NAMES = re.compile(r"\s*[\w.]*")
_GIVE = "Write the YAML into the DAG, or give its file with --config."
# {{ var.value.name }} and {{ var.value.get('name', 'default') }}, which are Airflow's.
_TEMPLATE = re.compile(
    r"\{\{\s*var\.value\.(?:get\(\s*(['\"])(?P<quoted>[^'\"{}]+)\1\s*(?:,\s*(['\"])(?P<default>[^'\"{}]*)\3\s*)?\)"
    r"|(?P<plain>\w+))\s*\}\}"
)


@dataclass(frozen=True)
class ConfigText:
    """The text of a workflow's configuration.

    Attributes:
        text: YAML or JSON, its variables spelled as recipes do.
        path: The file that it stands in.
        line: Where it begins there.
    """

    text: str
    path: Path
    line: int


@dataclass(frozen=True)
class Ingestion:
    """One workflow that a DAG runs.

    Attributes:
        path: The file of its DAG.
        dag: Its DAG.
        task: The task that runs it.
        config: What it is told.
    """

    path: Path
    dag: Dag
    task: Task
    config: ConfigText


@dataclass(frozen=True)
class DagFile:
    """What a file of DAGs holds.

    Attributes:
        ingestions: The workflows that can be read.
        problems: Why others can't, one line each.
    """

    ingestions: list[Ingestion]
    problems: list[str]


def read_dag_file(path: Path, config: Path | None = None) -> DagFile:
    """Reads a file of DAGs without running any of it.

    Args:
        path: The file.
        config: The file with the configuration, in place of what the only DAG says.

    Raises:
        RecipeError: It can't be read, is not Python, holds no DAG, or several where ``config`` is for one.
    """
    module = _module_of(path)
    statements = Statements(path)
    try:
        statements.follow(module)
        found = _with_configs(statements)
    except RecursionError as error:
        raise RecipeError(f"{path}:1: nested too deeply to be read. Write the recipe by hand.") from error
    if not statements.dags:
        raise RecipeError(f"{path}:1: no DAG in this file: nothing calls DAG(...) or a function under @dag.")
    if config is not None:
        return DagFile([_told_otherwise(path, statements.dags, config)], [])
    ingestions: list[Ingestion] = []
    problems = [
        f"{path}:{dag.line}: no configuration of this DAG can be found: it never calls Workflow.create(...). {_GIVE}"
        for dag in statements.dags
        if dag not in [owner for owner, _, _ in found]
    ]
    for dag, task, told in found:
        try:
            text = _text(path, module, told)
        except RecipeError as error:
            problems.append(str(error))
            continue
        ingestions.append(Ingestion(path, dag, task, text))
    return DagFile(ingestions, problems)


def _module_of(path: Path) -> ast.Module:
    content = content_of(path, _MAX_FILE, "a file of DAGs")
    try:
        with warnings.catch_warnings():
            # About escapes in the file's own texts, which are its author's business.
            warnings.simplefilter("ignore")
            return ast.parse(content, filename=str(path))
    except SyntaxError as error:
        raise RecipeError(
            f"{path}:{error.lineno or 1}: not Python: {error.msg}. Mend it, or give a DAG that Airflow loads."
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise RecipeError(f"{path}:1: not Python that can be read. Give a DAG that Airflow loads.") from error


def _with_configs(statements: Statements) -> list[tuple[Dag, Task, Config]]:
    found = [(dag, task, config) for dag in statements.dags for task in dag.tasks for config in task.configs]
    if found or len(statements.dags) != 1:
        return found
    # A task that runs the function in a way of its own, such as a virtual environment or a lambda.
    (dag,) = statements.dags
    task = dag.tasks[0] if dag.tasks else statements.loose
    configs = [*statements.loose.configs, *(told for one in statements.functions for told in statements.run_by(one))]
    return [(dag, task, config) for config in configs]


def _told_otherwise(path: Path, dags: list[Dag], config: Path) -> Ingestion:
    if len(dags) > 1:
        lines = ", ".join(str(dag.line) for dag in dags)
        raise RecipeError(f"{path}: several DAGs (lines {lines}); --config is for a file with one. Divide the file.")
    (dag,) = dags
    task = next((task for task in dag.tasks if task.configs), dag.tasks[0] if dag.tasks else Task({}, dag.line, ""))
    return Ingestion(path, dag, task, ConfigText(_recipe_words(text_of(config)), config, 1))


def _text(path: Path, module: ast.Module, config: Config) -> ConfigText:
    held = config.held
    if isinstance(held, Unknown):
        raise RecipeError(f"{path}:{held.line}: the configuration is {held.why}. {_GIVE}")
    if isinstance(held, Path):
        file = path.parent / held
        if "\0" in str(file):
            raise RecipeError(
                f"{path}:{config.line}: the configuration's file has a name that no file can have. {_GIVE}"
            )
        try:
            return ConfigText(_recipe_words(text_of(file)), file, 1)
        except RecipeError as error:
            raise RecipeError(f"{path}:{config.line}: {error} {_GIVE}") from error
    if isinstance(held, Table):
        text = yaml_of(_Plain(path).of(held))
        return ConfigText(_recipe_words(text), path, config.line)
    return ConfigText(_recipe_words(held.lstrip("\n")), path, _line_of(module, held, config.line))


def _line_of(module: ast.Module, text: str, otherwise: int) -> int:
    """Where a text begins that stands in the file as it is."""
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and node.value == text:
            return node.lineno + len(text) - len(text.lstrip("\n"))
    return otherwise


def yaml_of(tree: object) -> str:
    """A tree as YAML: its keys in their order, no line folded, so that what is written stays easy to find."""
    text: str = yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=_MAX_FILE)
    if _RARE_LINE_ENDS.search(text) is None:
        return text
    # Written as they are they'd be read as ends of lines, and some of them as blanks.
    escaped: str = yaml.safe_dump(tree, sort_keys=False, width=_MAX_FILE)
    return escaped


class _Plain:
    """Makes a mapping of the file one that YAML takes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._room = _MAX_FILE

    def of(self, value: Value, depth: int = 0) -> object:
        if isinstance(value, Unknown):
            raise RecipeError(f"{self._path}:{value.line}: a value of the configuration is {value.why}. {_GIVE}")
        # Few lines can put a list into a list twice, and that into another one, until no memory holds what it says.
        self._room -= 1 + (len(value) if isinstance(value, str) else 0)
        if depth > _MAX_DEPTH or self._room < 0:
            raise RecipeError(f"{self._path}: a configuration too large or nested too deeply to be a recipe. {_GIVE}")
        if isinstance(value, Table):
            return {str(key): self.of(held, depth + 1) for key, held in value.items()}
        if isinstance(value, list | tuple):
            return [self.of(held, depth + 1) for held in value]
        return value if value is None or isinstance(value, str | int | float) else str(value)


def _recipe_words(text: str) -> str:
    """A text whose variables of Airflow are spelled as a recipe's."""
    return _TEMPLATE.sub(
        lambda match: str(variable(match["quoted"] or match["plain"], match["default"], 0)),
        text,
    )


def templates_in(text: str) -> Iterator[str]:
    """What of a text only Airflow's templates would fill in, as far as names go: a default may be a secret."""
    for inner in re.findall(r"\{\{(.*?)\}\}", text):
        names = _NAMES.match(inner)
        shown = names.group().strip() if names else ""
        yield f"{{{{ {shown}{'' if shown == inner.strip() else '…'} }}}}"
