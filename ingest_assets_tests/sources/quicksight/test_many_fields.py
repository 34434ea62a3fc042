"""Calculated fields that use each other, as many as QuickSight lets people make: none is followed twice."""

from __future__ import annotations

import time
from collections.abc import Callable

from ingest_assets.sources.quicksight.board_shapes import Definition
from ingest_assets.sources.quicksight.column_shapes import CalculatedColumn
from ingest_assets.sources.quicksight.relations import Field, Kind, Leaf, RealColumn, Relation
from ingest_assets.sources.quicksight.visuals import visuals_of

ARN = "arn:aws:quicksight:eu-north-1:123456789012:dataset/d"
MOST_SECONDS = 5
"""Of the processor; following each anew for each that uses it takes four times as long on a fast machine."""


def every_one_before(at: int) -> str:
    return " + ".join(f"{{c{each}}}" for each in range(at)) or "{a}"


def the_one_before(at: int) -> str:
    return f"{{c{at - 1}}} + 1" if at else "{a}"


def created(number: int, expression: Callable[[int], str]) -> Relation:
    real = RealColumn(Leaf(Kind.TABLE, "t"), "a")
    relation = Relation({"a": Field((real,))})
    columns = [
        CalculatedColumn(ColumnName=f"c{at}", ColumnId=f"c{at}", Expression=expression(at)) for at in range(number)
    ]
    relation.create(columns)
    assert {each.sources for each in relation.fields.values()} == {(real,)}
    return relation


def test_a_data_set_of_hundreds_of_calculated_columns_is_replayed_at_once() -> None:
    begun = time.process_time()
    created(300, every_one_before)
    created(1_200, the_one_before)
    assert time.process_time() - begun < MOST_SECONDS


def test_visuals_above_hundreds_of_calculated_fields_are_read_at_once() -> None:
    fields = [{"DataSetIdentifier": "D", "Name": f"c{at}", "Expression": every_one_before(at)} for at in range(300)]
    column = {"DataSetIdentifier": "D", "ColumnName": "c299"}
    values = {"FieldWells": {"Values": [{"NumericalMeasureField": {"FieldId": "f", "Column": column}}]}}
    visuals = [{"KPIVisual": {"VisualId": f"v{at}", "ChartConfiguration": values}} for at in range(50)]
    definition = Definition.model_validate(
        {
            "DataSetIdentifierDeclarations": [{"Identifier": "D", "DataSetArn": ARN}],
            "CalculatedFields": fields,
            "Sheets": [{"SheetId": "s", "Visuals": visuals}],
        }
    )
    begun = time.process_time()
    found = visuals_of(definition, where="a test")
    assert time.process_time() - begun < MOST_SECONDS
    assert [each.columns for each in found] == [((ARN, "a"),)] * 50
