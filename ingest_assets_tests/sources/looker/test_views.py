from __future__ import annotations

from ingest_assets.catalog import Classification, DataModel, Tag
from ingest_assets_tests.sources.looker.projects import findings, models, of

TAGGED = """
view: orders { tags: ["finance", " finance ", ""]
  dimension: id { tags: ["key"] } measure: n { type: count tags: ["finance"] }
  parameter: p { type: string tags: ["unseen"] } }
explore: orders {}
"""


def only(text: str, **changes: object) -> DataModel:
    (model,) = models(findings(text, **changes)).values()
    return model


def test_columns_are_dimensions_timeframes_intervals_and_measures_with_looker_s_types() -> None:
    model = only(
        """view: v {
          dimension: id { primary_key: yes type: number }
          dimension: names { type: list }
          dimension_group: created { type: time timeframes: [raw, week, hour6] }
          dimension_group: open { type: duration intervals: [day] sql_start: ${created_raw} ;; sql_end: now() ;; }
          measure: total { type: sum sql: ${id} ;; }
          filter: f { type: date } parameter: p { type: unquoted }
        } explore: v {}"""
    )
    assert [(each.name, each.data_type, each.data_type_display, each.array_data_type) for each in model.columns] == [
        ("id", "NUMBER", "number", None),
        ("names", "ARRAY", "list", "STRING"),
        ("created_raw", "DATETIME", "date_raw", None),
        ("created_week", "DATE", "date_week", None),
        ("created_hour6", "DATETIME", "date_hour6", None),
        ("days_open", "NUMBER", "duration_day", None),
        ("total", "NUMBER", "sum", None),
    ]


def test_a_column_tells_what_looker_says_of_its_field() -> None:
    model = only(
        """view: v {
          dimension: id { primary_key: yes hidden: yes description: "Its number" }
          dimension: shop_id { label: "Shop ID" }
          dimension: state { label: "Status" }
          dimension_group: at { timeframes: [date] label: "Placed" description: "When" }
        } explore: v {}"""
    )
    assert {each.name: each.description for each in model.columns} == {
        "id": "Its number\n\nPrimary key. Hidden in Looker.",
        "shop_id": None,
        "state": None,
        "at_date": "When",
    }


def test_the_label_that_lookml_gives_a_field_is_its_display_name_and_none_is_made_up() -> None:
    model = only(
        """view: v {
          dimension: id { label: "id" }
          dimension: shop_id { label: " Shop ID " }
          dimension: state { label: "Status" }
          dimension: price { label: "Price in {{ _user_attributes['currency'] }}" }
          dimension_group: at { timeframes: [date, day_of_week] label: "Placed" }
          dimension_group: open { type: duration intervals: [day] label: "Open" sql_start: 1 ;; sql_end: 2 ;; }
          dimension_group: made { timeframes: [date] }
          measure: count { type: count }
        } explore: v {}"""
    )
    assert {each.name: each.display_name for each in model.columns} == {
        "id": None,
        "shop_id": "Shop ID",
        "state": "Status",
        "price": None,
        "at_date": "Placed Date",
        "at_day_of_week": "Placed Day Of Week",
        "days_open": "Days Open",
        "made_date": None,
        "count": None,
    }
    by_query = next(each for each in model.columns if each.name == "price")
    assert by_query.description == "Label: Price in {{ _user_attributes['currency'] }}."


def test_a_refined_and_extended_view_is_one_model_of_the_merged_columns() -> None:
    found = findings(
        {
            "m.model.lkml": 'connection: "warehouse" include: "/views/*" include: "/late.lkml" explore: child {}',
            "views/base.view.lkml": "view: base { extension: required dimension: id { type: number } }",
            "views/child.view.lkml": 'view: child { extends: [base] description: "Kept" dimension: a {} }',
            "late.lkml": 'view: +child { label: "Shown" dimension: a { type: yesno } dimension: b {} }',
        }
    )
    (model,) = models(found).values()
    assert model.path == ("lk", "m_child_view")
    assert [(each.name, each.data_type) for each in model.columns] == [
        ("id", "NUMBER"),
        ("a", "BOOLEAN"),
        ("b", "STRING"),
    ]
    assert (model.display_name, model.project) == ("Shown", "shop")
    assert model.description == "Kept\n\nExtends `base`.\n\nRefined in `late.lkml`."
    assert model.sql == 'view: child { extends: [base] description: "Kept" dimension: a {} }'
    assert model.source_url == "https://lk.example/projects/shop/files/views/child.view.lkml?line=1"


def test_tags_are_words_of_one_classification_and_labels_on_what_has_them() -> None:
    found = findings(TAGGED, include_tags=True)
    assert [each.path for each in of(Classification, found)] == [("LookerTags",)]
    assert [each.path for each in of(Tag, found)] == [("LookerTags", "finance"), ("LookerTags", "key")]
    (model,) = models(found).values()
    assert [label.fqn for label in model.labels or ()] == ["LookerTags.finance"]
    assert [[label.fqn for label in each.labels or ()] for each in model.columns] == [
        ["LookerTags.key"],
        ["LookerTags.finance"],
    ]


def test_without_include_tags_nothing_is_said_of_them() -> None:
    found = findings(TAGGED)
    assert not of(Tag, found)
    (model,) = models(found).values()
    assert (model.labels, {each.labels for each in model.columns}) == (None, {None})


def test_the_text_of_a_view_in_windows_lines_is_its_own_block_only() -> None:
    text = "# before\r\nview: a {\r\n  dimension: x {}\r\n}\r\nview: b {}\r\nexplore: a {}\r\n"
    assert models(findings({"m.model.lkml": text}))["m_a_view"].sql == "view: a {\n  dimension: x {}\n}"
