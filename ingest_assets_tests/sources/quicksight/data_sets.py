"""Data sets as QuickSight describes them, for tests."""

from __future__ import annotations

from typing import Any

from ingest_assets.catalog import DataModel, Edge, Finding, ForeignEdge, Label, Note, Parked, Statement
from ingest_assets.sources.quicksight.data_set_lineage import DataSetContext, KnownDataSet, data_set_findings
from ingest_assets.sources.quicksight.data_sources import NotRead
from ingest_assets.sources.quicksight.mapping import Besides
from ingest_assets.sources.quicksight.shapes import DataSet, DataSource

Json = dict[str, Any]

ACCOUNT = "111122223333"
HERE = f"arn:aws:quicksight:eu-west-1:{ACCOUNT}"
SOURCE = f"{HERE}:datasource/src1"


TOLD = Besides(project="Sales/Weekly", owners=("ana@example.com",), labels=(Label("team.sales"),))


def columns(*names: str, kind: str = "STRING") -> list[Json]:
    return [{"Name": name, "Type": kind} for name in names]


def relational(*names: str, source: str = SOURCE, **rest: str) -> Json:
    table = {"DataSourceArn": source, "Name": "orders", "InputColumns": columns(*names), **rest}
    return {"RelationalTable": table}


def query(sql: str, *names: str, source: str = SOURCE) -> Json:
    told = {"Columns": columns(*names)} if names else {}
    return {"CustomSql": {"DataSourceArn": source, "Name": "q", "SqlQuery": sql, **told}}


def logical(source: Json, *transforms: Json, alias: str = "alias") -> Json:
    return {"Alias": alias, "Source": source, "DataTransforms": list(transforms)}


def table(name: str) -> Json:
    return {"PhysicalTableId": name}


def join(left: str, right: str) -> Json:
    return {"JoinInstruction": {"LeftOperand": left, "RightOperand": right, "Type": "LEFT", "OnClause": "{a} = {b}"}}


def project(*names: str) -> Json:
    return {"ProjectOperation": {"ProjectedColumns": list(names)}}


def rename(old: str, new: str) -> Json:
    return {"RenameColumnOperation": {"ColumnName": old, "NewColumnName": new}}


def cast(name: str, kind: str, **rest: str) -> Json:
    return {"CastColumnTypeOperation": {"ColumnName": name, "NewColumnType": kind, **rest}}


def calculate(**expressions: str) -> Json:
    made = [{"ColumnName": name, "ColumnId": f"id-{name}", "Expression": each} for name, each in expressions.items()]
    return {"CreateColumnsOperation": {"Columns": made}}


def data_set(
    tables: Json, logicals: Json | None = None, outputs: list[str] | None = None, *, name: str = "ds", **rest: Any
) -> DataSet:
    made: Json = {"Arn": f"{HERE}:dataset/{name}", "DataSetId": name, "Name": name.title(), "PhysicalTableMap": tables}
    if logicals is not None:
        made["LogicalTableMap"] = logicals
    if outputs is not None:
        made["OutputColumns"] = columns(*outputs)
    return DataSet.model_validate(made | rest)


def source(kind: str = "ATHENA", name: str = "src1", **parameters: Any) -> DataSource:
    made = {"Arn": f"{HERE}:datasource/{name}", "DataSourceId": name, "Name": name.title(), "Type": kind}
    return DataSource.model_validate(
        made | ({"DataSourceParameters": {"Parameters": parameters}} if parameters else {})
    )


def context(*sources: DataSource, **rest: Any) -> DataSetContext:
    known: dict[str, DataSource | NotRead] = {each.arn: each for each in sources or (source(),)}
    return DataSetContext("qs", known, **rest)


def known(*names: str, **with_columns: tuple[str, ...]) -> dict[str, KnownDataSet]:
    every: dict[str, tuple[str, ...] | None] = {**dict.fromkeys(names), **with_columns}
    return {f"{HERE}:dataset/{name}": KnownDataSet(name, told) for name, told in every.items()}


def findings(made: DataSet, where: DataSetContext | None = None) -> list[Finding]:
    return list(data_set_findings(made, where or context(), TOLD, "https://console/ds"))


def model(made: DataSet, where: DataSetContext | None = None) -> DataModel:
    (found,) = [each for each in findings(made, where) if isinstance(each, DataModel)]
    return found


def lineage(made: DataSet, where: DataSetContext | None = None) -> list[Finding]:
    return [each for each in findings(made, where) if not isinstance(each, DataModel)]


def pairs(found: Finding) -> dict[str, list[str]]:
    """Columns of the model, each with those of the source that flow into it."""
    if isinstance(found, ForeignEdge):
        return {".".join(target): [".".join(path) for path in paths] for paths, target in found.columns}
    if isinstance(found, Statement):
        return {".".join(target): [".".join(path) for path in paths] for paths, target in found.flows or ()}
    assert isinstance(found, Edge), found
    return {pair.target.path[0]: [each.path[0] for each in pair.sources] for pair in found.columns}


def reasons(found: list[Finding]) -> list[str]:
    assert all(isinstance(each, Parked | Note) for each in found), found
    return [each.reason if isinstance(each, Parked) else each.text for each in found if isinstance(each, Parked | Note)]
