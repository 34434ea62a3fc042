from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.openmetadata.words import DATA_TYPES
from ingest_assets.sandbox.company.company import Company
from ingest_assets.sources.looker.field_types import field_type
from ingest_assets.sources.looker.lookml.fields import INTERVALS, TIMEFRAMES


@pytest.mark.parametrize(
    ("data_type", "words"),
    [
        ("NUMBER", "number sum average count count_distinct max min median percentile running_total percent_of_total"),
        ("NUMBER", "duration duration_day duration_hour distance sum_distinct percent_of_previous int"),
        ("DATE", "date date_date date_week date_month date_quarter date_fiscal_quarter"),
        ("DATETIME", "time date_time date_raw date_hour date_minute date_second date_millisecond date_microsecond"),
        ("DATETIME", "date_hour6 date_minute15 date_millisecond250 date_second30"),
        ("TIME", "date_time_of_day"),
        ("YEAR", "date_year date_fiscal_year"),
        ("INT", "date_day_of_month date_day_of_year date_week_of_year date_month_num date_hour_of_day"),
        ("INT", "date_day_of_week_index date_fiscal_month_num"),
        ("STRING", "string zipcode unquoted date_day_of_week date_month_name date_quarter_of_year"),
        ("BOOLEAN", "yesno date_yesno"),
        ("ENUM", "tier bin"),
        ("GEOGRAPHY", "location"),
        ("UNKNOWN", "date_of_the_moon hologram date_"),
    ],
)
def test_a_type_of_looker_is_what_its_values_are(data_type: str, words: str) -> None:
    for word in words.split():
        assert field_type(word) == (data_type, word, None)


def test_a_list_says_what_it_holds_as_the_server_asks_for() -> None:
    assert field_type("list") == ("ARRAY", "list", "STRING")


def test_each_timeframe_and_interval_of_a_group_has_a_type() -> None:
    words = [*(f"date_{each}" for each in TIMEFRAMES), *(f"duration_{each}" for each in INTERVALS)]
    assert [word for word in words if field_type(word).data_type == "UNKNOWN"] == []


def test_each_type_that_the_companys_looker_tells_has_one_of_openmetadatas() -> None:
    rows = [field for row in Company().looker.explores.all() for kind in row["fields"].values() for field in kind]
    assert {field["type"] for field in rows if field_type(field["type"]).data_type == "UNKNOWN"} == set()


@given(st.one_of(st.text(), st.text().map("date_".__add__), st.text().map("duration_".__add__)))
def test_whatever_the_word_the_server_knows_the_type(word: str) -> None:
    known = {each for words in DATA_TYPES.values() for each in (words.split() if isinstance(words, str) else words)}
    found = field_type(word)
    assert found.data_type in known
    assert found.display == word
