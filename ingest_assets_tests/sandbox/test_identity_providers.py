"""The sandbox's identity providers refuse what the real ones do, in their words."""

from __future__ import annotations

import base64
import time
import uuid
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import requests

from ingest_assets.sandbox.fault_sites import IDENTITY_PROVIDERS
from ingest_assets.sandbox.identity.clients import Auth0, Azure, Cognito, Keycloak, OneLogin
from ingest_assets.sandbox.identity.directory import Directory
from ingest_assets.sandbox.identity.issuer import new_key
from ingest_assets.sandbox.identity.login import LogIn
from ingest_assets.sandbox.identity.signers import Google, Okta
from ingest_assets.sandbox.server import Sandbox

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GOOGLE = "https://oauth2.googleapis.com/token"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running
        assert not list(running.crashes)


@pytest.fixture
def directory(sandbox: Sandbox) -> Directory:
    sandbox.identity.reset_counts()
    sandbox.identity.log_in.unblock()
    return sandbox.identity.directory


def post(sandbox: Sandbox, path: str, form: dict[str, Any] | None = None, **more: Any) -> tuple[int, dict[str, Any]]:
    answer = requests.post(sandbox.url + path, data=form, timeout=5, **more)
    body: dict[str, Any] = answer.json()
    return answer.status_code, body


def client(directory: Directory, **changed: str) -> dict[str, str]:
    form = {"grant_type": "client_credentials", "client_id": directory.client_id, "client_secret": directory.secret}
    return {name: value for name, value in (form | changed).items() if value}


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def user_of(sandbox: Sandbox, token: str) -> tuple[int, str]:
    address = f"{sandbox.openmetadata_host_port}/v1/users/loggedInUser"
    answer = requests.get(address, headers={"Authorization": f"Bearer {token}"}, timeout=5)
    return answer.status_code, answer.json().get("name") or answer.json()["message"]


def test_tokens_are_known_to_the_server_until_they_end_or_are_revoked(sandbox: Sandbox, directory: Directory) -> None:
    issuer = sandbox.identity.issuer
    one, two = issuer.issue("ingestion-bot", "i", "a"), issuer.issue("admin", "i", "a")
    assert (user_of(sandbox, one), user_of(sandbox, two)) == ((200, "ingestion-bot"), (200, "admin"))
    issuer.expire()
    assert user_of(sandbox, one) == (401, "Expired token!")
    three = issuer.issue("ingestion-bot", "i", "a")
    issuer.revoke()
    assert user_of(sandbox, three) == (401, "Not Authorized! Invalid Token")
    assert user_of(sandbox, issuer.issue("nobody", "i", "a")) == (401, "Not Authorized! Invalid Token")
    assert user_of(sandbox, one[:-4] + "AAAA")[0] == 401


def test_a_token_ends_by_itself(sandbox: Sandbox, directory: Directory) -> None:
    issuer = sandbox.identity.issuer
    lifetime, issuer.lifetime = issuer.lifetime, -1
    try:
        assert user_of(sandbox, issuer.issue("ingestion-bot", "i", "a")) == (401, "Expired token!")
    finally:
        issuer.lifetime = lifetime


def test_tokens_are_signed_with_the_published_key(sandbox: Sandbox, directory: Directory) -> None:
    keys = jwt.PyJWKSet.from_dict(requests.get(f"{sandbox.url}/oidc/2/certs", timeout=5).json())
    token = sandbox.identity.issuer.issue("ingestion-bot", "i", "a")
    assert jwt.decode(token, keys["sandbox"].key, ["RS256"], audience="a")["iss"] == "i"


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "access_denied"),
        ({"client_id": "nobody"}, 401, "access_denied"),
        ({"grant_type": "password"}, 403, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"audience": ""}, 403, "access_denied"),
        ({"audience": "https://elsewhere"}, 403, "access_denied"),
    ],
)
def test_auth0_refuses(
    sandbox: Sandbox, directory: Directory, changed: dict[str, str], status: int, error: str
) -> None:
    right = client(directory, audience=f"{sandbox.url}/api/v2/")
    assert post(sandbox, "/oauth/token", right)[0] == 200
    assert post(sandbox, "/oauth/token", json=right)[0] == 200
    code, body = post(sandbox, "/oauth/token", {name: value for name, value in (right | changed).items() if value})
    assert (code, body["error"]) == (status, error)
    assert "error_description" in body


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_secret": ""}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"scope": "unheard-of"}, "invalid_scope"),
    ],
)
def test_cognito_refuses_without_a_description(
    sandbox: Sandbox, directory: Directory, changed: dict[str, str], error: str
) -> None:
    assert post(sandbox, "/oauth2/token", client(directory, **changed)) == (400, {"error": error})
    assert post(sandbox, "/oauth2/token", json=client(directory)) == (400, {"error": "invalid_request"})
    assert post(sandbox, "/oauth2/token", client(directory))[0] == 200
    header = basic(directory.client_id, directory.secret)
    assert post(sandbox, "/oauth2/token", {"grant_type": "client_credentials"}, headers=header)[0] == 200
    assert post(sandbox, "/oauth2/token", client(directory), headers=header)[1] == {"error": "invalid_client"}


@pytest.mark.parametrize(
    ("changed", "status", "error", "number"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"client_id": "nobody"}, 400, "unauthorized_client", 700016),
        ({"scope": "openmetadata"}, 400, "invalid_scope", 1002012),
        ({"scope": "api://another/.default"}, 400, "invalid_resource", 500011),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
    ],
)
def test_microsoft_refuses_by_number(
    sandbox: Sandbox, directory: Directory, changed: dict[str, str], status: int, error: str, number: int
) -> None:
    path = f"/{directory.tenant}/oauth2/v2.0/token"
    right = client(directory, scope=directory.azure_scope)
    assert post(sandbox, path, right)[0] == 200
    code, body = post(sandbox, path, right | changed)
    assert (code, body["error"], body["error_codes"]) == (status, error, [number])
    assert body["error_description"].startswith(f"AADSTS{number}: ")


def test_microsoft_does_not_know_another_tenant(sandbox: Sandbox, directory: Directory) -> None:
    for part in ("v2.0/.well-known/openid-configuration", "oauth2/v2.0/token"):
        answer = requests.get(f"{sandbox.url}/{uuid.uuid4()}/{part}", timeout=5)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_tenant")


def test_keycloak_takes_a_secret_in_both_places_and_onelogin_in_the_header_only(
    sandbox: Sandbox, directory: Directory
) -> None:
    header = basic(directory.client_id, directory.secret)
    grant = {"grant_type": "client_credentials"}
    keycloak = "/realms/norrpost/protocol/openid-connect/token"
    assert post(sandbox, keycloak, client(directory))[0] == 200
    assert post(sandbox, keycloak, grant, headers=header)[0] == 200
    assert post(sandbox, keycloak, client(directory, client_secret="wrong"))[1]["error"] == "unauthorized_client"
    assert post(sandbox, "/oidc/2/token", grant, headers=header)[0] == 200
    assert post(sandbox, "/oidc/2/token", client(directory))[1]["error"] == "invalid_client"


def assertion(directory: Directory, audience: str, **changed: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": directory.client_id,
        "sub": directory.client_id,
        "aud": audience,
        "iat": now,
        "exp": now + 3600,
        "jti": uuid.uuid4().hex,
    }
    key = changed.pop("key", directory.key)
    headers = {"kid": changed.pop("kid", directory.key_id)}
    kept = {name: value for name, value in (claims | changed).items() if value is not None}
    return jwt.encode(kept, key, "RS256", headers)


PAST, LATE = {"exp": 1000, "iat": 1}, {"exp": 10**10}
BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "signature": ({"key": None}, "signature is invalid", "Invalid JWT Signature"),
    "key id": ({"kid": "another"}, "signature is invalid", "Invalid JWT Signature"),
    "audience": ({"aud": "https://elsewhere"}, "audience claim", "Failed audience check"),
    "expired": (PAST, "has expired", "short-lived"),
    "too long": (LATE, "too far into the future", "short-lived"),
    "no end": ({"exp": None}, "lacks a claim", "Bad Request"),
    "issuer": ({"iss": "nobody"}, "must be the client_id", "account not found"),
}


@pytest.mark.parametrize("case", BAD)
def test_okta_verifies_assertions(sandbox: Sandbox, directory: Directory, case: str) -> None:
    changed, words, _ = BAD[case]
    if "key" in changed:
        changed = {"key": new_key()}
    path = "/oauth2/default/v1/token"
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE, "scope": "openmetadata"}
    code, body = post(sandbox, path, {**form, "client_assertion": assertion(directory, sandbox.url + path, **changed)})
    assert (code, body["error"]) == (401, "invalid_client")
    assert words in body["error_description"]


def test_okta_takes_an_assertion_once_and_only_scopes_that_it_has(sandbox: Sandbox, directory: Directory) -> None:
    path = "/oauth2/default/v1/token"
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE, "scope": "openmetadata"}
    signed = {**form, "client_assertion": assertion(directory, sandbox.url + path)}
    assert post(sandbox, path, signed)[0] == 200
    assert "already used" in post(sandbox, path, signed)[1]["error_description"]
    for scope in ("", "unheard-of", "openmetadata unheard-of"):
        fresh = {**form, "scope": scope, "client_assertion": assertion(directory, sandbox.url + path)}
        assert post(sandbox, path, fresh)[1]["error"] == "invalid_scope"
    assert post(sandbox, path, client(directory))[1]["error"] == "invalid_client"
    no_jwt = {**form, "client_assertion": "x.y.z"}
    assert post(sandbox, path, no_jwt)[0] == 401


@pytest.mark.parametrize("case", BAD)
def test_google_verifies_assertions(sandbox: Sandbox, directory: Directory, case: str) -> None:
    changed, _, words = BAD[case]
    if "key" in changed:
        changed = {"key": new_key()}
    claims = {"iss": directory.account, "target_audience": "https://om"} | changed
    form = {"grant_type": JWT_BEARER, "assertion": assertion(directory, GOOGLE, **claims)}
    code, body = post(sandbox, "/token", form)
    assert (code, body["error"]) == (400, "invalid_grant")
    assert words in body["error_description"]


def test_google_answers_with_an_id_token_for_the_audience_that_is_named(sandbox: Sandbox, directory: Directory) -> None:
    for audience, status in (("https://om", 200), ("", 400), (None, 400)):
        signed = assertion(directory, GOOGLE, iss=directory.account, target_audience=audience)
        code, body = post(sandbox, "/token", {"grant_type": JWT_BEARER, "assertion": signed})
        assert code == status
        if status == 200:
            assert jwt.decode(body["id_token"], options={"verify_signature": False})["aud"] == "https://om"
        else:
            assert body["error"] == "invalid_scope"
    assert post(sandbox, "/token", client(directory))[1]["error"] == "unsupported_grant_type"


def encoded(password: str) -> str:
    return base64.b64encode(password.encode()).decode()


def test_log_in_and_refresh(sandbox: Sandbox, directory: Directory) -> None:
    right = {"email": directory.email, "password": encoded(directory.password)}
    code, given = post(sandbox, "/api/v1/users/login", json=right)
    assert (code, user_of(sandbox, given["accessToken"])) == (200, (200, "admin"))
    code, again = post(sandbox, "/api/v1/users/refresh", json={"refreshToken": given["refreshToken"]})
    assert (code, user_of(sandbox, again["accessToken"])) == (200, (200, "admin"))
    assert post(sandbox, "/api/v1/users/refresh", json={"refreshToken": given["refreshToken"]})[0] == 404
    assert post(sandbox, "/api/v1/users/login", right)[0] == 415
    assert post(sandbox, "/api/v1/users/login", json={**right, "user": "x"})[0] == 400
    plain = post(sandbox, "/api/v1/users/login", json={**right, "password": "not base 64!"})
    assert plain == (400, {"code": 400, "message": "Password needs to be encoded in Base-64."})


def test_an_account_is_blocked_after_three_wrong_passwords(sandbox: Sandbox, directory: Directory) -> None:
    wrong = {"email": directory.email, "password": encoded("wrong")}
    for _ in range(3):
        code, body = post(sandbox, "/api/v1/users/login", json=wrong)
        assert (code, body["message"]) == (401, "You have entered an invalid email or password.")
    right = {"email": directory.email, "password": encoded(directory.password)}
    code, body = post(sandbox, "/api/v1/users/login", json=right)
    assert code == 401
    assert "Exceeded" in body["message"]
    sandbox.identity.log_in.unblock()
    assert post(sandbox, "/api/v1/users/login", json=right)[0] == 200


def test_a_providers_own_host_serves_that_provider_only(sandbox: Sandbox, directory: Directory) -> None:
    there = {"Host": "norrpost.eu.auth0.com"}
    assert requests.post(f"{sandbox.url}/oauth2/token", headers=there, timeout=5).status_code == 404
    assert requests.get(f"{sandbox.url}/api/v1/system/version", headers=there, timeout=5).status_code == 404
    assert requests.post(f"{sandbox.url}/oauth/token", json={}, headers=there, timeout=5).status_code == 400


def test_requests_are_counted_where_those_of_other_services_are(sandbox: Sandbox, directory: Directory) -> None:
    post(sandbox, "/oauth2/token", client(directory))
    shown = requests.get(f"{sandbox.url}/__requests", timeout=5).json()
    assert shown["identity"] == {"POST cognito /oauth2/token": 1}
    assert sandbox.identity.token_requests() == 1


def test_every_provider_can_be_made_to_fail(sandbox: Sandbox, directory: Directory) -> None:
    providers = {Auth0, Azure, Cognito, Google, Keycloak, LogIn, Okta, OneLogin}
    assert {provider.name for provider in providers} == set(IDENTITY_PROVIDERS)
    sandbox.faults.add("503", service="identity", operation="cognito")
    assert post(sandbox, "/oauth/token", client(directory))[0] == 403
    assert post(sandbox, "/oauth2/token", client(directory))[0] == 503
    assert post(sandbox, "/oauth2/token", client(directory))[0] == 200
