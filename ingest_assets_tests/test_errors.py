import pytest

from ingest_assets.errors import UnavailableError


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("connection refused", "connection refused."),
        ("connection refused.", "connection refused."),
        ("the server says: Expired token!.", "the server says: Expired token!"),
        ("Rate exceeded.. ", "Rate exceeded."),
        ("who are you?.", "who are you?"),
    ],
)
@pytest.mark.parametrize("advice", ["", "Try again later."])
def test_a_message_is_whole_sentences_whatever_its_words_end_with(what: str, told: str, advice: str) -> None:
    assert (
        str(UnavailableError(what, where="PUT /v1/tables", advice=advice))
        == f"PUT /v1/tables: {told} {advice}".rstrip()
    )
