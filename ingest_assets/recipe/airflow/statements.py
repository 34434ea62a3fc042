"""The statements of a DAG file, followed in order without being run: what they name, and which DAGs they declare."""

from __future__ import annotations

import ast
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

from ingest_assets.errors import RecipeError
from ingest_assets.recipe.airflow.expressions import Expressions, combination
from ingest_assets.recipe.airflow.known_calls import CHANGING, result_of
from ingest_assets.recipe.airflow.values import (
    Argument,
    Arguments,
    Call,
    Config,
    Dag,
    Function,
    Imported,
    Table,
    Task,
    Unknown,
    Value,
)

# A program can do endless work with a few lines; no file of DAGs comes near these.
_MAX_STEPS = 10_000
_MAX_DEPTH = 20
_DAG_PLACES = ("dag_id", "description", "schedule")


class Statements:
    """Follows the statements of one file.

    Attributes:
        dags: What it declares, in its order.
        loose: Tasks and configurations that belong to no DAG, as one task.
    """

    def __init__(self, path: Path) -> None:
        self.dags: list[Dag] = []
        self.loose = Task({}, 1, "")
        self._path = path
        self._scopes = [Expressions(path.absolute(), ChainMap(), self._answer)]
        self._within: list[Dag | Task] = []
        self._later: list[tuple[Task, Function, Arguments]] = []
        self._results: list[list[Value]] = []
        self._steps = 0

    def follow(self, module: ast.Module) -> None:
        """Follow the file, then what its tasks call.

        Raises:
            RecipeError: The file does more than any file of DAGs.
        """
        self._all(module.body)
        while self._later:
            task, function, given = self._later.pop(0)
            self._within.append(task)
            self._enter(function, given)
            self._within.pop()

    @property
    def functions(self) -> list[Function]:
        """The functions of the file itself."""
        return [value for value in self._scopes[0].names.values() if isinstance(value, Function)]

    def run_by(self, function: Function) -> list[Config]:
        """The configurations that a function runs that no task names."""
        task = Task({}, function.node.lineno, "")
        self._later.append((task, function, {}))
        self.follow(ast.Module([], []))
        return task.configs

    @property
    def _scope(self) -> Expressions:
        return self._scopes[-1]

    def _value(self, node: ast.expr) -> Value:
        return self._scope.value(node)

    def _all(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            self._steps += 1
            if self._steps > _MAX_STEPS:
                raise RecipeError(
                    f"{self._path}:{statement.lineno}: more than {_MAX_STEPS} steps; not a file of DAGs that can be "
                    "read without being run. Write the recipe by hand."
                )
            follow = self._followers.get(type(statement))
            if follow is not None:
                follow(self, statement)

    # Names

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        module = f"{node.module or ''}." if isinstance(node, ast.ImportFrom) else ""
        for alias in node.names:
            whole = f"{module}{alias.name}"
            known_as = alias.asname or (alias.name if module else alias.name.partition(".")[0])
            self._scope.names[known_as] = Imported(whole if alias.asname or module else known_as)

    def _assign(self, node: ast.Assign) -> None:
        value = self._value(node.value)
        for target in node.targets:
            self._bind(target, value)

    def _annotated(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._bind(node.target, self._value(node.value))

    def _augmented(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            before = self._scope.names.get(node.target.id, Unknown("not set before", node.lineno))
            value = combination(node.op, before, self._value(node.value), node.lineno)
        else:
            value = Unknown("changed in place", node.lineno)
        self._bind(node.target, value)

    def _bind(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, ast.Name):
            self._scope.names[target.id] = value
        elif isinstance(target, ast.Subscript):
            owner, key = self._value(target.value), self._value(target.slice)
            if isinstance(owner, Table):
                owner.put(key if isinstance(key, str) else "**", value, target.lineno)
            elif isinstance(owner, Config):
                owner.held = Unknown("changed in place", target.lineno)
            elif isinstance(owner, list):
                owner[:] = [Unknown("changed in place", target.lineno)]
        elif isinstance(target, ast.Attribute):
            owner = self._value(target.value)
            if isinstance(owner, Dag | Task):
                owner.arguments[target.attr] = Argument(value, target.lineno)
        elif isinstance(target, ast.Tuple | ast.List):
            whole = isinstance(value, list | tuple) and len(value) == len(target.elts)
            parts = value if isinstance(value, list | tuple) and whole else []
            for place, part in enumerate(target.elts):
                self._bind(part, parts[place] if whole else Unknown("one of several", target.lineno))

    def _deleted(self, node: ast.Delete) -> None:
        for target in node.targets:
            owner = self._value(target.value) if isinstance(target, ast.Subscript) else None
            key = self._value(target.slice) if isinstance(target, ast.Subscript) else None
            if isinstance(owner, Table) and isinstance(key, str):
                owner.pop(key, None)
            else:
                self._bind(target, Unknown("deleted", node.lineno))

    # Blocks

    def _with(self, node: ast.With) -> None:
        opened = 0
        for item in node.items:
            value = self._value(item.context_expr)
            if isinstance(value, Dag):
                self._within.append(value)
                opened += 1
            if item.optional_vars is not None:
                self._bind(item.optional_vars, value)
        self._all(node.body)
        del self._within[len(self._within) - opened :]

    def _for(self, node: ast.For) -> None:
        items = self._value(node.iter)
        if not isinstance(items, list | tuple) or node.orelse:
            self._bind(node.target, Unknown("one of a loop's values", node.lineno))
            self._perhaps(node)
            return
        for item in items:
            self._bind(node.target, item)
            self._all(node.body)

    def _try(self, node: ast.Try) -> None:
        self._all(node.body)
        for handler in node.handlers:
            self._perhaps(handler)
        self._all([*node.orelse, *node.finalbody])

    def _perhaps(self, node: ast.stmt | ast.ExceptHandler) -> None:
        """Follow what may or may not happen: what it sets is unknown afterwards."""
        blocks = (getattr(node, name, []) for name in ("body", "orelse"))
        body = [statement for block in blocks for statement in block]
        self._all(body)
        for name in _set_in(body):
            if not isinstance(self._scope.names.get(name), Dag | Task | Function | Imported):
                self._scope.names[name] = Unknown("set under a condition", node.lineno)

    # Functions and calls

    def _expression(self, node: ast.Expr) -> None:
        self._value(node.value)

    def _return(self, node: ast.Return) -> None:
        if node.value is not None and self._results:
            self._results[-1].append(self._value(node.value))

    def _function(self, node: ast.FunctionDef) -> None:
        decorators = []
        for decorator in node.decorator_list:
            call = self._scope.call_of(decorator) if isinstance(decorator, ast.Call) else None
            by = call.target if call else self._value(decorator)
            if isinstance(by, Imported):
                decorators.append((by, _dag_arguments(call) if call else {}))
        self._scope.names[node.name] = Function(node, self._scope.names, tuple(decorators))

    def _answer(self, call: Call) -> Value:
        target = call.target
        if isinstance(target, Function) and not call.method:
            return self._called(target, call)
        if isinstance(target, Imported):
            name = target.name.split(".")[-1]
            if name == "DAG":
                return self._declared(Dag(_dag_arguments(call), call.line))
            if name == "create" and target.name.split(".")[-2:-1] and target.name.split(".")[-2].endswith("Workflow"):
                self._run(call)
            elif name.endswith(("Operator", "Sensor")) or "task_id" in call.keywords:
                return self._task(call, name)
        return result_of(call)

    def _declared(self, dag: Dag) -> Dag:
        # Airflow copies them too: what is changed later holds for later DAGs.
        given = dag.arguments.get("default_args")
        if given is not None and isinstance(given.value, Table):
            own = Table()
            own.take_all(given.value)
            dag.arguments["default_args"] = Argument(own, given.line)
        self.dags.append(dag)
        return dag

    def _run(self, call: Call) -> None:
        given = call.get(0, "config", "config_dict")
        if isinstance(given, Config):
            config = given
        elif isinstance(given, str | Path | Table | Unknown):
            config = Config(given, call.line)
        else:
            config = Config(Unknown("only known when the DAG runs", call.line), call.line)
        holder = self._within[-1] if self._within else self.loose
        if isinstance(holder, Dag):
            task = Task({}, call.line, "")
            holder.tasks.append(task)
            holder = task
        holder.configs.append(config)

    def _task(self, call: Call, kind: str) -> Task:
        task = Task(dict(call.keywords), call.line, kind)
        named = call.get(len(call.positional), "dag")
        dag = named if isinstance(named, Dag) else next((at for at in self._within[::-1] if isinstance(at, Dag)), None)
        if dag is not None:
            dag.tasks.append(task)
        function = call.get(len(call.positional), "python_callable")
        if isinstance(function, Function):
            self._later.append((task, function, _operator_arguments(call, function)))
        return task

    def _called(self, function: Function, call: Call) -> Value:
        by_place = _by_place(function, call.positional)
        given = {**{name: Argument(value, call.line) for name, value in by_place.items()}, **call.keywords}
        dag, task = function.decorated("dag"), function.decorated("task")
        if dag is not None:
            named = {"dag_id": Argument(function.node.name, function.node.lineno), **dag}
            self._within.append(self._declared(Dag(named, function.node.lineno)))
            self._enter(function, given)
            return self._within.pop()
        if task is not None:
            made = Task({"task_id": Argument(function.node.name, call.line), **task}, call.line, "@task")
            holder = next((at for at in self._within[::-1] if isinstance(at, Dag)), None)
            if holder is not None:
                holder.tasks.append(made)
            self._later.append((made, function, given))
            return made
        return self._enter(function, given)

    def _enter(self, function: Function, given: Arguments) -> Value:
        """Follow a function's body; what it returns, where that is one value."""
        if len(self._scopes) > _MAX_DEPTH:
            return Unknown("only known when the DAG runs", function.node.lineno)
        self._scopes.append(Expressions(self._path.absolute(), function.names.new_child(), self._answer))
        self._results.append([])
        self._bind_parameters(function, given)
        self._all(function.node.body)
        self._scopes.pop()
        results = self._results.pop()
        return results[0] if len(results) == 1 else Unknown("only known when the DAG runs", function.node.lineno)

    def _bind_parameters(self, function: Function, given: Arguments) -> None:
        own, arguments = self._scope.names, function.node.args
        for parameter in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            own[parameter.arg] = Unknown("what the function is called with", function.node.lineno)
        for several in (arguments.vararg, arguments.kwarg):
            if several is not None:
                own[several.arg] = Unknown("what the function is called with", function.node.lineno)
        for parameter, default in zip(arguments.args[::-1], arguments.defaults[::-1], strict=False):
            own[parameter.arg] = self._value(default)
        own.update({name: argument.value for name, argument in given.items()})

    _followers: ClassVar[Mapping[type[ast.stmt], Callable[..., None]]] = MappingProxyType(
        {
            ast.Import: _import,
            ast.ImportFrom: _import,
            ast.Assign: _assign,
            ast.AnnAssign: _annotated,
            ast.AugAssign: _augmented,
            ast.Delete: _deleted,
            ast.With: _with,
            ast.For: _for,
            ast.Try: _try,
            ast.If: _perhaps,
            ast.While: _perhaps,
            ast.Expr: _expression,
            ast.Return: _return,
            ast.FunctionDef: _function,
        }
    )


def _operator_arguments(call: Call, function: Function) -> Arguments:
    """What an operator passes to its ``python_callable``."""
    after = len(call.positional)
    by_place, by_name = call.get(after, "op_args"), call.get(after, "op_kwargs")
    values = _by_place(function, by_place if isinstance(by_place, list | tuple) else ())
    if isinstance(by_name, Table):
        values |= {str(key): value for key, value in by_name.items()}
    return {name: Argument(value, call.line) for name, value in values.items()}


def _by_place(function: Function, values: Sequence[Value]) -> dict[str, Value]:
    return dict(zip((argument.arg for argument in function.node.args.args), values, strict=False))


def _dag_arguments(call: Call) -> Arguments:
    """What a DAG is called with, each by its name."""
    placed = {
        _DAG_PLACES[place] if place < len(_DAG_PLACES) else f"argument {place + 1}": Argument(value, call.line)
        for place, value in enumerate(call.positional)
    }
    return {**placed, **call.keywords}


def _set_in(body: Iterable[ast.stmt]) -> set[str]:
    """The names that statements set or change."""
    found = set()
    for node in (node for statement in body for node in ast.walk(statement)):
        inner = node
        while isinstance(inner, ast.Subscript) and isinstance(inner.ctx, ast.Store):
            inner = inner.value
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING:
            inner = node.func.value
        if isinstance(inner, ast.Name) and (isinstance(inner.ctx, ast.Store) or inner is not node):
            found.add(inner.id)
    return found
