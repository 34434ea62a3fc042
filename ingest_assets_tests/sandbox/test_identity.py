"""Who is let in, and what they may do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from ingest_assets.sandbox.aws.identity import Role
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sandbox.conftest import ClientMaker


def refusal(call: Any, **params: Any) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as error:
        call(**params)
    answer = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"].get("Message", "")


def test_the_documented_permissions_read_databases_and_tables_and_nothing_else(
    sandbox: Sandbox, client: ClientMaker
) -> None:
    glue = client("glue", sandbox.principal)
    assert glue.get_databases()["DatabaseList"]
    assert glue.get_tables(DatabaseName="sales")["TableList"]
    code, status, message = refusal(glue.get_table, DatabaseName="sales", Name="orders")
    assert (code, status) == ("AccessDeniedException", 400)
    assert message == (
        "User: arn:aws:iam::123456789012:user/catalog is not authorized to perform: glue:GetTable on resource: "
        "arn:aws:glue:eu-north-1:123456789012:catalog because no identity-based policy allows the glue:GetTable action"
    )


def test_an_unknown_key_is_refused_in_each_services_words(sandbox: Sandbox, client: ClientMaker) -> None:
    unknown = replace(sandbox.reader, access_key_id="AKIAUNKNOWN")
    invalid = "The security token included in the request is invalid."
    assert refusal(client("glue", unknown).get_databases) == ("UnrecognizedClientException", 400, invalid)
    assert refusal(client("sts", unknown).get_caller_identity) == ("InvalidClientTokenId", 403, invalid)
    code, status, _ = refusal(client("s3", unknown).list_objects_v2, Bucket="x")
    assert (code, status) == ("InvalidAccessKeyId", 403)


def test_a_wrong_secret_is_refused(sandbox: Sandbox, client: ClientMaker) -> None:
    wrong = replace(sandbox.reader, secret_access_key="wrong")
    assert refusal(client("glue", wrong).get_databases)[0] == "InvalidSignatureException"
    assert refusal(client("sts", wrong).get_caller_identity)[:2] == ("SignatureDoesNotMatch", 403)
    assert refusal(client("s3", wrong).list_objects_v2, Bucket="x")[:2] == ("SignatureDoesNotMatch", 403)


def test_a_body_that_was_changed_on_the_way_is_refused(client: ClientMaker) -> None:
    glue = client("glue")

    def tamper(request: Any, **_: Any) -> None:
        request.body = b'{"DatabaseName":"finance"}'
        request.headers["Content-Length"] = str(len(request.body))

    glue.meta.events.register("before-send.glue.GetTables", tamper)
    assert refusal(glue.get_tables, DatabaseName="sales")[0] == "InvalidSignatureException"


def test_a_request_of_yesterday_is_refused(sandbox: Sandbox, client: ClientMaker) -> None:
    glue = client("glue")
    captured: list[Any] = []
    glue.meta.events.register("before-send.glue.GetDatabases", lambda request, **_: captured.append(request))
    glue.get_databases()
    headers = {name: captured[0].headers[name] for name in captured[0].headers}
    old = requests.post(sandbox.url, captured[0].body, headers={**headers, "X-Amz-Date": "20200101T000000Z"}, timeout=5)
    assert old.json()["__type"] == "InvalidSignatureException"


def test_a_session_needs_its_token(sandbox: Sandbox, client: ClientMaker) -> None:
    session = sandbox.aws.identities.add_principal("job/1", ["glue:*"], account="123456789012", session_seconds=60)
    assert client("glue", session).get_databases()["DatabaseList"]
    for token in (None, "made-up"):
        wrong = client("glue", replace(session, session_token=token))
        assert refusal(wrong.get_databases)[0] == "UnrecognizedClientException"


def test_a_session_that_is_over_is_refused(sandbox: Sandbox, client: ClientMaker) -> None:
    now = sandbox.aws.identities.clock()
    session = sandbox.aws.identities.add_principal("job/1", ["glue:*"], account="123456789012", session_seconds=60)
    sandbox.aws.identities.clock = lambda: now + 61
    assert refusal(client("glue", session).get_databases)[0] == "ExpiredTokenException"
    assert client("glue").get_databases()["DatabaseList"]


def test_a_role_is_assumed_with_its_external_id_into_its_own_account(sandbox: Sandbox, client: ClientMaker) -> None:
    role = sandbox.aws.identities.add_role(
        Role("210987654321", "exchange", frozenset({"glue:Get*"}), external_id="norrpost-7")
    )
    sts = client("sts", sandbox.principal)
    name = {"RoleArn": role.arn, "RoleSessionName": "catalog"}
    assert refusal(sts.assume_role, **name)[:2] == ("AccessDenied", 403)
    assert refusal(sts.assume_role, **name, ExternalId="wrong")[0] == "AccessDenied"
    answer = sts.assume_role(**name, ExternalId="norrpost-7", DurationSeconds=900)
    assert answer["AssumedRoleUser"]["Arn"] == "arn:aws:sts::210987654321:assumed-role/exchange/catalog"
    session = sandbox.aws.identities.principal(answer["Credentials"]["AccessKeyId"])
    assert session
    assert [d["Name"] for d in client("glue", session).get_databases()["DatabaseList"]] == ["weather"]
    assert client("sts", session).get_caller_identity()["Account"] == "210987654321"


def test_a_role_that_does_not_exist_is_refused_like_one_that_trusts_others(
    sandbox: Sandbox, client: ClientMaker
) -> None:
    sts = client("sts", sandbox.principal)
    role = sandbox.aws.identities.add_role(Role("123456789012", "closed", frozenset(), trusted=()))
    for arn in (role.arn, "arn:aws:iam::123456789012:role/nope"):
        assert refusal(sts.assume_role, RoleArn=arn, RoleSessionName="catalog")[0] == "AccessDenied"


def test_lake_formation_leaves_out_of_listings_what_it_denies_by_name(sandbox: Sandbox, client: ClientMaker) -> None:
    partial = sandbox.aws.identities.add_principal(
        "partial", ["glue:Get*"], account="123456789012", hidden=["finance", "sales.customers"]
    )
    glue = client("glue", partial)
    assert "finance" not in {d["Name"] for d in glue.get_databases()["DatabaseList"]}
    assert "customers" not in {t["Name"] for t in glue.get_tables(DatabaseName="sales")["TableList"]}
    assert refusal(glue.get_tables, DatabaseName="finance")[0] == "AccessDeniedException"
    code, _, message = refusal(glue.get_table, DatabaseName="sales", Name="customers")
    assert code == "AccessDeniedException"
    assert "Insufficient Lake Formation permission" in message


def test_a_revoked_key_is_unknown_from_then_on(sandbox: Sandbox, client: ClientMaker) -> None:
    glue = client("glue")
    assert glue.get_databases()["DatabaseList"]
    sandbox.aws.identities.revoke(sandbox.reader)
    assert refusal(glue.get_databases)[0] == "UnrecognizedClientException"


def test_an_unsigned_call_is_refused(sandbox: Sandbox) -> None:
    answer = requests.post(sandbox.url, b"{}", headers={"X-Amz-Target": "AWSGlue.GetDatabases"}, timeout=5)
    assert answer.json()["__type"] == "MissingAuthenticationTokenException"
