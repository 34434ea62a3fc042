from __future__ import annotations

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    ProfileNotFound,
    ProxyConnectionError,
    UnauthorizedSSOTokenError,
)
from botocore.parsers import ResponseParserError
from pydantic.alias_generators import to_pascal

from ingest_assets.calls import Calls
from ingest_assets.errors import (
    AuthenticationError,
    DeadlineExceededError,
    InvalidAnswerError,
    NotFoundError,
    PermissionDeniedError,
    RejectedError,
    RemoteError,
    UnavailableError,
)
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.aws import AwsCredentials, AwsSession
from ingest_assets.sources.aws_errors import translate
from ingest_assets_tests.sources.conftest import SessionMaker


def _client_error(code: str, status: int = 400, message: str = "words") -> ClientError:
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "GetTables")  # type: ignore[arg-type]  # a part of what botocore's type has


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("ExpiredTokenException", 400, AuthenticationError),
        ("UnrecognizedClientException", 400, AuthenticationError),
        ("InvalidSignatureException", 400, AuthenticationError),
        ("InvalidClientTokenId", 403, AuthenticationError),
        ("AccessDeniedException", 400, PermissionDeniedError),
        ("SomethingNew", 403, PermissionDeniedError),
        ("GlueEncryptionException", 400, PermissionDeniedError),
        ("EntityNotFoundException", 400, NotFoundError),
        ("ThrottlingException", 400, UnavailableError),
        ("OperationTimeoutException", 400, UnavailableError),
        ("SomethingNew", 503, UnavailableError),
        ("SomethingNew", 429, UnavailableError),
        ("InvalidInputException", 400, RejectedError),
    ],
)
def test_answers_become_errors_that_say_whether_a_retry_helps(code: str, status: int, kind: type[RemoteError]) -> None:
    error = translate("glue:GetTables", "sales", _client_error(code, status))
    assert type(error) is kind
    assert error.status == status
    assert "glue:GetTables of sales" in str(error)


def test_no_word_of_a_refused_signature_is_passed_on() -> None:
    message = "The Canonical String should have been 'POST / x-amz-security-token:FwoGZXIvYXdzEXAMPLE'"
    error = translate("glue:GetTables", "sales", _client_error("InvalidSignatureException", 403, message))
    assert "FwoGZXIvYXdzEXAMPLE" not in str(error)
    assert "clock" in str(error)


@pytest.mark.parametrize(
    "raised",
    [
        HTTPClientError(error=ValueError("Invalid header value b'SECRETt\\xc3\\xb6ken'")),
        ProxyConnectionError(proxy_url="http://me:SECRET@proxy:3128"),
        CredentialRetrievalError(provider="custom-process", error_msg="token SECRET"),
        ResponseParserError("Unable to parse response: SECRET"),
        AttributeError("'SECRET' object has no attribute 'get'"),
        UnicodeEncodeError("latin-1", "SECRET", 0, 1, "SECRET"),
        _client_error(
            "InvalidRequest", 400, "Authorization=AWS4-HMAC-SHA256 Credential=AK IA SECRET, Signature=SECRET"
        ),
    ],
)
def test_no_word_that_may_hold_a_secret_is_passed_on(raised: Exception) -> None:
    error = translate("glue:GetTables", "sales", raised)
    assert "SECRET" not in str(error)
    assert len(str(error)) > len("glue:GetTables of sales: .")


@pytest.mark.parametrize("name", ["access_key_id", "secret_access_key", "session_token"])
@pytest.mark.parametrize("value", ["two words", "line\nbreak", "t\u00f6ken", "SECRET\udcff", "\u914d\u9001"])
def test_a_key_that_no_header_can_hold_is_refused_by_its_name(name: str, value: str) -> None:
    keys = {"access_key_id": "AKIA", "secret_access_key": "secret", "session_token": "token", name: value}
    who = AwsCredentials("eu-north-1", keys["access_key_id"], keys["secret_access_key"], keys["session_token"])
    with pytest.raises(AuthenticationError, match=f"aws{to_pascal(name)} holds a blank") as caught:
        AwsSession(who, Calls(), service="glue").client("glue")
    assert value not in str(caught.value)


def test_a_line_end_after_a_key_does_not_matter(sandbox: Sandbox) -> None:
    who = sandbox.principal
    keys = (f"{who.access_key_id}\r\n", f" {who.secret_access_key}\n", "\n")
    credentials = AwsCredentials(sandbox.company.region, *keys, endpoint_url=sandbox.aws_endpoint_url)
    assert AwsSession(credentials, Calls(), service="glue").call("glue", "GetDatabases", "all")["DatabaseList"]


def test_a_parameter_that_is_none_is_not_blamed_on_the_region(session_of: SessionMaker) -> None:
    with pytest.raises(RejectedError, match="Invalid length for parameter CatalogId") as caught:
        session_of().call("glue", "GetDatabases", "all", CatalogId="")
    assert "awsRegion" not in str(caught.value)


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (NoCredentialsError(), AuthenticationError),
        (UnauthorizedSSOTokenError(), AuthenticationError),
        (ProfileNotFound(profile="nobody"), AuthenticationError),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1/"), UnavailableError),
        (AttributeError("'str' object has no attribute 'get'"), InvalidAnswerError),
        (ValueError("Invalid endpoint: not a url"), RejectedError),
    ],
)
def test_what_never_reached_the_service_becomes_an_error_too(raised: Exception, kind: type[RemoteError]) -> None:
    assert type(translate("glue", "client", raised)) is kind


@pytest.mark.parametrize(
    ("region", "partition", "host"),
    [
        ("eu-central-1", "aws", "eu-central-1.console.aws.amazon.com"),
        ("cn-north-1", "aws-cn", "cn-north-1.console.amazonaws.cn"),
        ("us-gov-west-1", "aws-us-gov", "us-gov-west-1.console.amazonaws-us-gov.com"),
        ("eusc-de-east-1", "aws-eusc", "eusc-de-east-1.console.amazonaws-eusc.eu"),
        ("us-iso-east-1", "aws-iso", "console.c2s.ic.gov"),
        ("us-isob-east-1", "aws-iso-b", "console.sc2s.sgov.gov"),
        ("us-gov-moon-base-1", "aws-us-gov", "us-gov-moon-base-1.console.amazonaws-us-gov.com"),
        ("eusc-moon-base-1", "aws-eusc", "eusc-moon-base-1.console.amazonaws-eusc.eu"),
        ("eu-isoe-moon-1", "aws-iso-e", "console.cloud.adc-e.uk"),
        ("us-isof-moon-1", "aws-iso-f", "console.csp.hci.ic.gov"),
        ("moon-base-1", "aws", "moon-base-1.console.aws.amazon.com"),
    ],
)
def test_the_console_is_that_of_the_regions_partition(region: str, partition: str, host: str) -> None:
    session = AwsSession(AwsCredentials(region=region), Calls(), service="glue")
    assert (session.partition, session.console_host()) == (partition, host)


@pytest.mark.parametrize(
    ("region", "domain"),
    [
        ("mx-moon-1", "amazonaws.com"),
        ("cn-moon-1", "amazonaws.com.cn"),
        ("us-gov-moon-1", "amazonaws.com"),
        ("eusc-de-moon-1", "amazonaws.eu"),
        ("us-isof-moon-1", "csp.hci.ic.gov"),
    ],
)
def test_a_region_that_botocore_does_not_know_yet_has_its_partitions_addresses(
    region: str, domain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    session = AwsSession(AwsCredentials("eu-north-1", "AKIA", "secret"), Calls(), service="glue").at(region=region)
    for service in ("glue", "sts", "kinesis"):
        assert session.client(service).meta.endpoint_url == f"https://{service}.{region}.{domain}"


@pytest.mark.parametrize(
    "credentials",
    [
        AwsCredentials("eu-north-1", access_key_id="AKIA"),
        AwsCredentials("eu-north-1", secret_access_key="secret"),
        AwsCredentials("eu-north-1", session_token="token"),
    ],
)
def test_half_a_key_is_refused_before_other_credentials_are_found(credentials: AwsCredentials) -> None:
    with pytest.raises(AuthenticationError, match="go together"):
        AwsSession(credentials, Calls(), service="glue").client("glue")


@pytest.mark.parametrize(("region", "endpoint"), [("eu north", None), ("eu-north-1", "not a url")])
def test_a_region_or_endpoint_that_is_none_is_refused_with_advice(region: str, endpoint: str | None) -> None:
    session = AwsSession(AwsCredentials(region, "AKIA", "secret", endpoint_url=endpoint), Calls(), service="glue")
    with pytest.raises(RejectedError, match="awsRegion and endPointURL"):
        session.client("glue")


def test_a_proxys_page_is_not_passed_on() -> None:
    error = translate("glue:GetTables", "sales", _client_error("403", 403, "<html>\n<body>blocked</body></html>"))
    assert isinstance(error, PermissionDeniedError)
    assert "<" not in str(error)


def test_secrets_are_not_shown() -> None:
    shown = repr(AwsCredentials(region="eu-north-1", secret_access_key="SECRET", session_token="TOKEN"))
    assert "SECRET" not in shown
    assert "TOKEN" not in shown


def test_pages_are_followed_and_each_request_is_counted(sandbox: Sandbox, session_of: SessionMaker) -> None:
    calls = Calls()
    pages = list(session_of(calls=calls).pages("glue", "GetDatabases", "all", key="DatabaseList", MaxResults=2))
    names = [item["Name"] for page in pages for item in page["DatabaseList"]]
    assert sorted(names) == names
    assert len(names) > 4
    assert calls.counts() == {"glue:GetDatabases": len(pages)}
    assert calls.retries() == 0


def test_a_throttled_request_is_sent_again_and_counted_as_a_retry(sandbox: Sandbox, session_of: SessionMaker) -> None:
    calls = Calls()
    sandbox.faults.add("throttle", operation="GetDatabases")
    list(session_of(calls=calls).pages("glue", "GetDatabases", "all", key="DatabaseList"))
    assert calls.counts() == {"glue:GetDatabases": 2}
    assert calls.retries() == 1


def test_retries_come_to_an_end(sandbox: Sandbox, session_of: SessionMaker) -> None:
    calls = Calls()
    sandbox.faults.add("500", operation="GetDatabases", count=None)
    with pytest.raises(UnavailableError):
        session_of(calls=calls, attempts=2).call("glue", "GetDatabases", "all")
    assert calls.counts() == {"glue:GetDatabases": 2}


def test_an_answer_that_was_cut_is_no_empty_listing(sandbox: Sandbox, session_of: SessionMaker) -> None:
    sandbox.faults.add("truncated", operation="GetDatabases")
    with pytest.raises(InvalidAnswerError, match="DatabaseList"):
        list(session_of().pages("glue", "GetDatabases", "all", key="DatabaseList"))


def test_a_token_that_comes_again_ends_the_listing(sandbox: Sandbox, session_of: SessionMaker) -> None:
    sandbox.faults.add("loop-token", operation="GetDatabases", count=None)
    with pytest.raises(InvalidAnswerError, match="circles"):
        list(session_of().pages("glue", "GetDatabases", "all", key="DatabaseList", MaxResults=2))


def test_no_request_is_sent_after_the_deadline(sandbox: Sandbox, session_of: SessionMaker) -> None:
    session = session_of(calls=Calls(deadline=0.0, clock=lambda: 1.0))
    with pytest.raises(DeadlineExceededError, match="glue:GetDatabases"):
        session.call("glue", "GetDatabases", "all")


def test_an_expired_token_is_not_tried_again(sandbox: Sandbox, session_of: SessionMaker) -> None:
    calls = Calls()
    sandbox.faults.add("expired-token", operation="GetDatabases")
    with pytest.raises(AuthenticationError, match="awsSessionToken"):
        session_of(calls=calls).call("glue", "GetDatabases", "all")
    assert calls.counts() == {"glue:GetDatabases": 1}


def test_clients_of_a_role_and_of_another_region_have_the_runs_pool_timeouts_and_retries() -> None:
    who = AwsCredentials("eu-north-1", "AKIA", "secret", role_arn="arn:aws:iam::123456789012:role/catalog")
    session = AwsSession(who, Calls(), service="glue", threads=23, read_timeout=7.0, attempts=3)
    for client in (session.client("glue"), session.at(region="us-east-2").client("sts")):
        config = client.meta.config
        assert (config.max_pool_connections, config.read_timeout, config.connect_timeout) == (23, 7.0, 10.0)  # type: ignore[attr-defined]  # set by botocore
        assert config.retries == {"mode": "adaptive", "total_max_attempts": 3}  # type: ignore[attr-defined]  # the same


def test_the_account_is_asked_for_once(sandbox: Sandbox, session_of: SessionMaker) -> None:
    calls = Calls()
    session = session_of(calls=calls)
    assert {session.account_id(), session.account_id()} == {sandbox.company.account}
    assert calls.counts() == {"sts:GetCallerIdentity": 1}


class _Echo(BaseHTTPRequestHandler):
    """Answers each request with its own path, as Glue would answer an operation."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"DatabaseList": [{"Name": "%s"}]}' % self.path.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
        """Keep test output clean."""


@pytest.fixture
def echo() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_endpoint_is_for_its_service_only_and_keeps_its_path(echo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    credentials = AwsCredentials("eu-north-1", "AKIA", "secret", endpoint_url=f"{echo}/proxy/glue/")
    session = AwsSession(credentials, Calls(), service="glue")
    answer = session.call("glue", "GetDatabases", "all")
    assert answer["DatabaseList"][0]["Name"] == "/proxy/glue/"
    assert re.fullmatch(r"https://sts\.(eu-north-1\.)?amazonaws\.com", session.client("sts").meta.endpoint_url)
