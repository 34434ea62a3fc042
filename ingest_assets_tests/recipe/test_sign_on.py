"""What each way to sign on needs of a recipe, and what lint says of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_assets.errors import RecipeError
from ingest_assets.recipe import Recipe, Resolver, lint
from ingest_assets.recipe.server import AuthProvider, OpenMetadataServerConfig, SecurityConfig
from ingest_assets.recipe.sign_on import SIGN_ONS

from .texts import MINIMAL, load

SECURITY = "workflowConfig.openMetadataServerConfig.securityConfig"
WHOLE = {
    "auth0": {"clientId": "c", "secretKey": "${S}", "domain": "company.eu.auth0.com"},
    "azure": {
        "clientId": "c",
        "clientSecret": "${S}",
        "authority": "https://login.microsoftonline.com/t",
        "scopes": "[api://c/.default]",
    },
    "custom-oidc": {"clientId": "c", "secretKey": "${S}", "domain": "https://sso.example/realms/r"},
    "google": {"secretKey": "/run/secrets/google.json"},
    "okta": {"clientId": "c", "orgURL": "https://company.okta.com/oauth2/default/v1/token", "privateKey": "${S}"},
    "basic": {"email": "me@company.example", "password": "${S}"},
}


def text_of(provider: str, keys: dict[str, str]) -> str:
    head = MINIMAL.partition("    securityConfig:")[0] + f"    authProvider: {provider}\n"
    block = "".join(f"      {name}: {value}\n" for name, value in keys.items())
    return head + (f"    securityConfig:\n{block}" if block else "")


def server_of(recipe: Recipe, **variables: str) -> OpenMetadataServerConfig:
    return recipe.resolve(Resolver({"S": "s3cr3t", **variables})).workflow_config.open_metadata_server_config


def notes(recipe: Recipe, level: str) -> dict[str, str]:
    return {note.key: note.why for note in lint(recipe) if note.level == level}


def test_every_provider_is_described_in_keys_that_there_are() -> None:
    known = {str(field.alias) for field in SecurityConfig.model_fields.values()}
    assert set(SIGN_ONS) == set(AuthProvider.__args__)  # type: ignore[attr-defined]
    assert set().union(*(sign_on.names() for sign_on in SIGN_ONS.values())) == known


@pytest.mark.parametrize("provider", WHOLE)
def test_what_is_whole_loads_runs_and_is_honoured(tmp_path: Path, provider: str) -> None:
    recipe = load(tmp_path, text_of(provider, WHOLE[provider]))
    assert server_of(recipe).auth_provider == provider
    honoured = notes(recipe, "honoured")
    assert {f"{SECURITY}.{key}" for key in WHOLE[provider]} <= honoured.keys()
    assert notes(recipe, "error") == {}
    assert set(notes(recipe, "warning")) <= {"workflowConfig.openMetadataServerConfig.authProvider"}


@pytest.mark.parametrize(("provider", "key"), [(provider, key) for provider, keys in WHOLE.items() for key in keys])
def test_a_missing_key_is_named_when_the_recipe_loads(tmp_path: Path, provider: str, key: str) -> None:
    keys = {name: value for name, value in WHOLE[provider].items() if name != key}
    with pytest.raises(RecipeError, match=rf"glue\.yaml:\d+: .*securityConfig\.{key} .*missing or empty"):
        load(tmp_path, text_of(provider, keys))


def test_a_missing_key_is_an_error_of_lint_though_the_address_waits_for_a_variable(tmp_path: Path) -> None:
    text = text_of("azure", {"clientId": "c"}).replace("https://openmetadata.example/api", "${HOST}")
    errors = notes(load(tmp_path, text), "error")
    assert errors.keys() == {"workflowConfig.openMetadataServerConfig"}
    for key in ("clientSecret", "authority", "scopes"):
        assert f"securityConfig.{key}" in errors["workflowConfig.openMetadataServerConfig"]
    from_variable = load(tmp_path, text.replace("authProvider: azure", "authProvider: ${PROVIDER}"))
    assert notes(from_variable, "error") == {}
    with pytest.raises(RecipeError, match=r"securityConfig\.secretKey is missing or empty"):
        server_of(from_variable, HOST="http://om/api", PROVIDER="google")


def test_a_key_that_a_variable_leaves_empty_is_named_when_the_recipe_runs(tmp_path: Path) -> None:
    recipe = load(tmp_path, text_of("auth0", WHOLE["auth0"]))
    with pytest.raises(RecipeError, match=r"securityConfig\.secretKey is missing or empty"):
        server_of(recipe, S="")


@pytest.mark.parametrize("provider", ["ldap", "saml", "aws-cognito"])
def test_what_signs_people_on_wants_the_bots_token_and_takes_it(tmp_path: Path, provider: str) -> None:
    with pytest.raises(RecipeError, match=r"\.jwtToken is missing or empty: .*token of the ingestion bot"):
        load(tmp_path, text_of(provider, {"clientId": "c"}))
    token = server_of(load(tmp_path, text_of(provider, {"jwtToken": "${S}"}))).security_config.jwt_token
    assert token is not None
    assert token.get_secret_value() == "s3cr3t"


def test_no_auth_needs_nothing(tmp_path: Path) -> None:
    assert server_of(load(tmp_path, text_of("no-auth", {}))).auth_provider == "no-auth"


def test_a_token_endpoint_stands_for_a_domain(tmp_path: Path) -> None:
    keys = {"clientId": "c", "secretKey": "${S}", "tokenEndpoint": "https://sso.example/token"}
    assert server_of(load(tmp_path, text_of("custom-oidc", keys))).security_config.token_endpoint is not None


@pytest.mark.parametrize(
    ("provider", "key", "value"),
    [
        ("auth0", "domain", "two words"),
        ("auth0", "domain", "me@company.example"),
        ("azure", "authority", "http://login.microsoftonline.com/t"),
        ("azure", "authority", "https://login.microsoftonline.com"),
        ("okta", "orgURL", "company.okta.com"),
    ],
)
def test_what_is_no_address_is_refused_at_its_key(tmp_path: Path, provider: str, key: str, value: str) -> None:
    with pytest.raises(RecipeError, match=rf"securityConfig\.{key}: (expected|an address)"):
        load(tmp_path, text_of(provider, {**WHOLE[provider], key: value}))


def test_keys_of_another_provider_are_not_honoured_and_lint_says_why(tmp_path: Path) -> None:
    recipe = load(tmp_path, text_of("okta", {**WHOLE["okta"], "email": "me@company.example"}))
    assert notes(recipe, "not honoured")[f"{SECURITY}.email"] == "authProvider: okta has no use for it."
    beside = load(tmp_path, text_of("auth0", {**WHOLE["auth0"], "jwtToken": "${S}"}))
    assert notes(beside, "not honoured")[f"{SECURITY}.clientId"] == "jwtToken signs on alone."
    assert f"{SECURITY}.jwtToken" in notes(beside, "honoured")


def test_an_address_without_encryption_is_warned_of_but_for_this_machine(tmp_path: Path) -> None:
    for domain, warns in (("http://sso.example/r", True), ("http://127.0.0.1:8080/r", False), ("sso.example", False)):
        recipe = load(tmp_path, text_of("custom-oidc", {**WHOLE["custom-oidc"], "domain": domain}))
        assert (f"{SECURITY}.domain" in notes(recipe, "warning")) is warns


def test_a_log_in_is_said_to_count_as_a_person(tmp_path: Path) -> None:
    warned = notes(load(tmp_path, text_of("basic", WHOLE["basic"])), "warning")
    assert "person" in warned["workflowConfig.openMetadataServerConfig.authProvider"]


def test_secrets_are_blanked_and_paths_of_their_files_are_not(tmp_path: Path) -> None:
    for provider, keys in WHOLE.items():
        resolver = Resolver({"S": "s3cr3t"})
        workflow = load(tmp_path, text_of(provider, keys)).resolve(resolver)
        assert "s3cr3t" not in repr(workflow)
        if provider == "google":
            assert resolver.redact("/run/secrets/google.json") == "/run/secrets/google.json"
        else:
            assert resolver.redact("a s3cr3t b") == "a *** b"


def test_the_line_break_of_a_secrets_file_is_no_part_of_it(tmp_path: Path) -> None:
    config = server_of(load(tmp_path, text_of("basic", WHOLE["basic"])), S=" two words \n").security_config
    assert config.password is not None
    assert config.password.get_secret_value() == " two words "
    config = server_of(load(tmp_path, text_of("auth0", WHOLE["auth0"])), S=" s3cr3t\n").security_config
    assert config.secret_key is not None
    assert config.secret_key.get_secret_value() == "s3cr3t"
