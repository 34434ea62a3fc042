from __future__ import annotations

import base64
import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.errors import AuthenticationError
from ingest_assets.openmetadata.auth import BotToken, expires_at


def jwt(**claims: object) -> str:
    parts = [{"alg": "RS256", "kid": "x"}, claims]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, "c2ln"])


def test_a_token_is_itself() -> None:
    token = jwt(sub="ingestion-bot")
    assert BotToken(f" {token}\n").token() == token
    assert BotToken(token).renew(token) is False


def test_a_long_token_is_not_mistaken_for_a_file_name() -> None:
    token = jwt(sub="x" * 5000)
    assert BotToken(token).token() == token
    assert BotToken("o" * 5000).token() == "o" * 5000


def test_a_token_is_never_shown(tmp_path: Path) -> None:
    token = jwt(sub="ingestion-bot")
    file = tmp_path / "token"
    file.write_text(token)
    held = BotToken(str(file))
    assert held.token() == token
    assert token not in repr(BotToken(token)) + repr(held) + BotToken(token).explain(token) + held.explain(token)


def test_a_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("one")
    held = BotToken(str(file))
    assert held.token() == "one"
    file.write_text("two")
    os.utime(file, ns=(1, 1))
    assert held.token() == "two"


def test_renewing_reads_a_file_whose_time_stands_still(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("one")
    os.utime(file, ns=(1, 1))
    held = BotToken(str(file))
    assert held.token() == "one"
    file.write_text("two")
    os.utime(file, ns=(1, 1))
    assert held.renew("one") is True
    assert held.token() == "two"
    assert held.renew("two") is False


def test_a_missing_file_is_named() -> None:
    with pytest.raises(AuthenticationError, match=r"/nowhere/token can't be read"):
        BotToken("/nowhere/token").token()


@pytest.mark.parametrize("path", ["~nobody-of-that-name/token", "/run/\0/token", "~/\0", "/"])
def test_a_path_that_is_none_is_an_error_of_ours(path: str) -> None:
    with pytest.raises(AuthenticationError, match="can't be read"):
        BotToken(path).token()


def test_a_file_without_end_is_no_token() -> None:
    with pytest.raises(AuthenticationError, match=r"/dev/zero holds more than a token"):
        BotToken("/dev/zero").token()


@pytest.mark.parametrize("text", ["", "  ", "two words", "line\nbreak", "Bearer ", "ü"])
def test_what_is_no_token_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(AuthenticationError) as caught:
        BotToken(text)
    assert not text.strip() or text.strip() not in str(caught.value).replace("Bearer", "")


def test_a_pasted_bearer_is_taken_off() -> None:
    assert BotToken("Bearer abc").token() == "abc"


def test_an_expired_token_says_when() -> None:
    token = jwt(exp=86400 * 365)
    assert "expired on 1971-01-01" in BotToken(token).explain(token)


@pytest.mark.parametrize("claims", [{}, {"exp": None}, {"exp": time.time() + 3600}])
def test_a_token_that_has_not_expired_was_revoked_or_is_wrong(claims: dict[str, object]) -> None:
    token = jwt(**claims)
    assert "revoked" in BotToken(token).explain(token)


@given(st.text() | st.from_regex(r"eyJ[\w-]*\.[\w-]+\.[\w-]*", fullmatch=True))
def test_reading_an_expiry_never_raises(text: str) -> None:
    assert expires_at(text) is None or isinstance(expires_at(text), float)
