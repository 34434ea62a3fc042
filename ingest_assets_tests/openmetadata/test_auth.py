from __future__ import annotations

import base64
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OKPKey, RSAKey

from ingest_assets.calls import Calls
from ingest_assets.errors import AuthenticationError, DependencyError, RecipeError
from ingest_assets.openmetadata.auth import BotToken, expires_at
from ingest_assets.openmetadata.auth.azure import AzureClient
from ingest_assets.openmetadata.auth.google import GoogleServiceAccount
from ingest_assets.openmetadata.auth.grants import Client
from ingest_assets.openmetadata.auth.keys import Keys
from ingest_assets.openmetadata.auth.oauth import ClientCredentials, SignedClient, base_of, is_cognito
from ingest_assets.openmetadata.auth.private_keys import algorithm_of, private_key
from ingest_assets.openmetadata.auth.refusals import error_of


def jwt(**claims: object) -> str:
    parts = [{"alg": "RS256", "kid": "x"}, claims]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, "c2ln"])


def json_bytes(value: object) -> bytes:
    return json.dumps(value).encode()


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


SIGNS = Keys("okta", "orgURL", secret="privateKey")


@given(st.text() | st.sampled_from(["{}", "[]", '{"kty": 7}', '{"kty": "RSA", "n": "AQ", "e": "AQ"}', "-----BEGIN X"]))
def test_whatever_is_no_private_key_is_an_error_of_ours_that_does_not_show_it(text: str) -> None:
    with pytest.raises(RecipeError, match=r"securityConfig\.privateKey: this is ") as caught:
        private_key(text, SIGNS)
    assert len(text) < 8 or text not in str(caught.value)


@pytest.mark.parametrize(
    ("made", "algorithm"),
    [
        (lambda: RSAKey.generate_key(2048), "RS256"),
        (lambda: ECKey.generate_key("P-256"), "ES256"),
        (lambda: ECKey.generate_key("P-384"), "ES384"),
        (lambda: OKPKey.generate_key("Ed25519"), "EdDSA"),
        (lambda: RSAKey.generate_key(2048, {"alg": "RS512"}), "RS512"),
    ],
)
def test_a_key_signs_as_is_usual_for_its_kind_or_as_it_says(
    made: Callable[[], RSAKey | ECKey | OKPKey], algorithm: str
) -> None:
    key = made()
    jwk = json.dumps(key.as_dict(private=True))
    assert algorithm_of(private_key(f" {jwk}\n", SIGNS)) == algorithm
    if key.alg is None:
        pem = key.as_pem(private=True).decode()
        for text in (pem, pem.replace("\n", "\\n")):
            assert algorithm_of(private_key(text, SIGNS)) == algorithm


@given(
    status=st.integers(200, 599),
    content=st.binary() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json_bytes),
    error=st.none() | st.text() | st.lists(st.integers()),
)
def test_every_answer_is_a_token_or_an_error_that_names_the_provider(
    status: int, content: bytes, error: object
) -> None:
    for body in (content, json_bytes({"error": error, "error_description": error})):
        found = error_of(status, body, SIGNS, "sign-on by okta", ["s3cr3t"])
        assert found is None or "okta" in str(found)
        assert found is not None or (status < 300 and isinstance(json.loads(body), dict))


@pytest.mark.parametrize("domain", ["company.eu.auth0.com", "https://company.eu.auth0.com", " company.eu.auth0.com/ "])
def test_a_domain_is_an_address_in_every_spelling(domain: str) -> None:
    assert base_of(domain) == "https://company.eu.auth0.com"


@pytest.mark.parametrize(
    ("domain", "is_one"),
    [
        ("norrpost.auth.eu-north-1.amazoncognito.com", True),
        ("https://NORRPOST.auth.eu-north-1.amazoncognito.com/", True),
        ("norrpost.auth.cn-north-1.amazoncognito.com.cn", True),
        ("amazoncognito.com.company.example", False),
        ("notamazoncognito.com", False),
        ("company.eu.auth0.com", False),
    ],
)
def test_a_cognito_domain_is_told_by_its_end(domain: str, is_one: bool) -> None:
    assert is_cognito(domain) is is_one


LIBRARIES: dict[str, tuple[str, Callable[[], object]]] = {
    "auth0": ("authlib", lambda: ClientCredentials("https://x/token", Client("c", "s"), SIGNS, Calls())),
    "okta": ("authlib", lambda: SignedClient("https://x/token", Client("c", "s"), SIGNS, Calls())),
    "azure": ("msal", lambda: AzureClient("https://x/t", Client("c", "s"), SIGNS, Calls())),
    "google": ("google.auth", lambda: GoogleServiceAccount("{}", "", SIGNS, Calls())),
}


@pytest.mark.parametrize("provider", LIBRARIES)
def test_a_library_that_is_not_installed_is_told_with_the_command_that_installs_it(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, build = LIBRARIES[provider]
    for name in [name for name in sys.modules if name == library or name.startswith(f"{library}.")]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(DependencyError, match=r"pip install 'ingest_assets\[sso\]'"):
        build()
