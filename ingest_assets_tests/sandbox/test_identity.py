"""Who is let in, and what they may do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from ingest_assets.sandbox.aws.identity import Principal, Role
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


EXCHANGE = "arn:aws:iam::210987654321:role/exchange"
ROOT = "arn:aws:iam::123456789012:root"


def role_of(sandbox: Sandbox, name: str = "reader", account: str = "123456789012", **trust: Any) -> Role:
    return sandbox.aws.identities.add_role(Role(account, name, frozenset({"glue:Get*"}), **trust))


def user_of(sandbox: Sandbox, *actions: str) -> Principal:
    return sandbox.aws.identities.add_principal("worker", actions, account="123456789012")


def session_of(sandbox: Sandbox, sts: Any, role: Role, **params: Any) -> Principal:
    answer = sts.assume_role(**{"RoleArn": role.arn, "RoleSessionName": "catalog", **params})
    session = sandbox.aws.identities.principal(answer["Credentials"]["AccessKeyId"])
    assert session
    return session


def test_a_role_is_assumed_with_its_external_id_into_its_own_account(sandbox: Sandbox, client: ClientMaker) -> None:
    role = role_of(sandbox, "exchange", "210987654321", external_id="norrpost-7")
    sts = client("sts", user_of(sandbox, f"sts:AssumeRole on {EXCHANGE}"))
    name = {"RoleArn": role.arn, "RoleSessionName": "catalog"}
    assert refusal(sts.assume_role, **name)[:2] == ("AccessDenied", 403)
    assert refusal(sts.assume_role, **name, ExternalId="wrong")[0] == "AccessDenied"
    answer = sts.assume_role(**name, ExternalId="norrpost-7", DurationSeconds=900)
    assert answer["AssumedRoleUser"]["Arn"] == "arn:aws:sts::210987654321:assumed-role/exchange/catalog"
    session = sandbox.aws.identities.principal(answer["Credentials"]["AccessKeyId"])
    assert session
    assert [d["Name"] for d in client("glue", session).get_databases()["DatabaseList"]] == ["weather"]
    who = client("sts", session).get_caller_identity()
    assert (who["Account"], who["UserId"]) == ("210987654321", answer["AssumedRoleUser"]["AssumedRoleId"])


def test_a_role_that_does_not_exist_is_refused_like_one_that_trusts_others(
    sandbox: Sandbox, client: ClientMaker
) -> None:
    sts = client("sts", sandbox.principal)
    closed = role_of(sandbox, trusted=())
    for arn in (closed.arn, "arn:aws:iam::123456789012:role/nope"):
        code, status, message = refusal(sts.assume_role, RoleArn=arn, RoleSessionName="catalog")
        assert (code, status) == ("AccessDenied", 403)
        who = "arn:aws:iam::123456789012:user/catalog"
        assert message == f"User: {who} is not authorized to perform: sts:AssumeRole on resource: {arn}"


def test_another_account_and_a_whole_account_are_trusted_only_with_a_permission_of_the_callers_own(
    sandbox: Sandbox, client: ClientMaker
) -> None:
    elsewhere = role_of(sandbox, "exchange", "210987654321", trusted=("arn:aws:iam::123456789012:user/*",))
    here = role_of(sandbox, trusted=(ROOT,))
    without, allowed = client("sts", user_of(sandbox)), client("sts", user_of(sandbox, "sts:AssumeRole"))
    for role in (elsewhere, here):
        assert refusal(without.assume_role, RoleArn=role.arn, RoleSessionName="catalog")[0] == "AccessDenied"
        assert session_of(sandbox, allowed, role).role == role.arn


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"RoleSessionName": "two words"}, "'/RoleSessionName' failed to satisfy constraint"),
        ({"RoleSessionName": "s\u00f6ren"}, "'/RoleSessionName' failed to satisfy constraint"),
        ({"ExternalId": "norrpost 7"}, "'/ExternalId' failed to satisfy constraint"),
        ({"SourceIdentity": "a/b"}, "'/SourceIdentity' failed to satisfy constraint"),
        ({"RoleArn": "arn:aws:s3:::a-bucket-no-role"}, "is invalid"),
        ({"DurationSeconds": 43_201}, "less than or equal to 43200"),
        ({"DurationSeconds": 3601}, "exceeds the MaxSessionDuration set for this role"),
    ],
)
def test_what_a_role_can_not_be_assumed_with_is_a_validation_error(
    sandbox: Sandbox, client: ClientMaker, params: dict[str, Any], message: str
) -> None:
    usual = {"RoleArn": role_of(sandbox).arn, "RoleSessionName": "catalog"}
    code, status, words = refusal(client("sts").assume_role, **{**usual, **params})
    assert (code, status) == ("ValidationError", 400)
    assert message in words


def test_a_role_that_another_role_assumes_lasts_an_hour_at_most(sandbox: Sandbox, client: ClientMaker) -> None:
    hub, spoke = role_of(sandbox, "hub"), role_of(sandbox, "spoke", longest_session=43_200, trusted=("*:role/hub",))
    sts = client("sts")
    assert session_of(sandbox, sts, role_of(sandbox, "other", longest_session=7200), DurationSeconds=7200).role
    chained = client("sts", session_of(sandbox, sts, hub))
    name = {"RoleArn": spoke.arn, "RoleSessionName": "catalog"}
    code, _, message = refusal(chained.assume_role, **name, DurationSeconds=3601)
    assert (code, "1 hour session limit" in message) == ("ValidationError", True)
    assert session_of(sandbox, chained, spoke, DurationSeconds=3600).role == spoke.arn


def test_a_source_identity_is_set_where_the_trust_policy_lets_it_and_stays(
    sandbox: Sandbox, client: ClientMaker
) -> None:
    plain = role_of(sandbox, "plain")
    hub, spoke = (role_of(sandbox, name, source_identities=("dana*",)) for name in ("hub", "spoke"))
    sts = client("sts")
    for role, identity in ((plain, "dana"), (hub, "mallory")):
        name = {"RoleArn": role.arn, "RoleSessionName": "catalog", "SourceIdentity": identity}
        code, _, message = refusal(sts.assume_role, **name)
        assert (code, "sts:SetSourceIdentity" in message) == ("AccessDenied", True)
    chained = client("sts", session_of(sandbox, sts, hub, SourceIdentity="dana"))
    assert session_of(sandbox, chained, spoke).source_identity == "dana"
    name = {"RoleArn": spoke.arn, "RoleSessionName": "catalog"}
    assert refusal(chained.assume_role, **name, SourceIdentity="dana-2")[0] == "AccessDenied"
    assert refusal(chained.assume_role, RoleArn=plain.arn, RoleSessionName="catalog")[0] == "AccessDenied"


def test_sts_refuses_a_session_that_is_over_in_its_own_words(sandbox: Sandbox, client: ClientMaker) -> None:
    session = session_of(sandbox, client("sts"), role_of(sandbox), DurationSeconds=900)
    ends = session.expires or 0
    sandbox.aws.identities.clock = lambda: ends - 1
    assert client("sts", session).get_caller_identity()["Account"] == "123456789012"
    sandbox.aws.identities.clock = lambda: ends
    assert refusal(client("sts", session).get_caller_identity)[:2] == ("ExpiredToken", 403)
    assert refusal(client("glue", session).get_databases)[:2] == ("ExpiredTokenException", 400)


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
