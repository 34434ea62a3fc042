import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.errors import (
    AuthenticationError,
    NotFoundError,
    PermissionDeniedError,
    RecipeError,
    RejectedError,
    RemoteError,
    UnavailableError,
    UnsetVariableError,
)
from ingest_assets.recipe import Redactor, Resolver
from ingest_assets.recipe.variables import parse_template

WHERE = "recipes/glue.yaml:9: source.serviceName"


def text_of(resolver: Resolver, text: str) -> str:
    return resolver.text(parse_template(text), WHERE)


def test_an_unset_variable_names_itself_the_recipe_and_the_key() -> None:
    with pytest.raises(UnsetVariableError) as caught:
        text_of(Resolver({}), "${OM_BOT_TOKEN}")
    assert str(caught.value) == (
        f"{WHERE}: the environment variable OM_BOT_TOKEN is not set. Set it, or write ${{OM_BOT_TOKEN:-default}}."
    )


@pytest.mark.parametrize(("content", "value"), [("token", "token"), ("token\n", "token"), (" a \nb\r\n", " a \nb")])
def test_a_file_gives_its_text_without_the_line_end(tmp_path: Path, content: str, value: str) -> None:
    path = tmp_path / "token"
    path.write_bytes(content.encode())
    assert text_of(Resolver({}), f"${{file:{path}}}") == value


def test_a_file_that_can_t_be_read_names_itself_and_the_key(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"source\.serviceName: /none/here can't be read: No such file"):
        text_of(Resolver({}), "${file:/none/here}")
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff")
    with pytest.raises(RecipeError, match="is not UTF-8 text"):
        text_of(Resolver({}), f"${{file:{binary}}}")


def test_a_file_without_end_is_not_read() -> None:
    with pytest.raises(RecipeError, match="more than 1048576 bytes"):
        text_of(Resolver({}), "${file:/dev/zero}")


def test_each_file_and_secret_is_asked_for_once() -> None:
    asked = []

    def read(name: str) -> str:
        asked.append(name)
        return json.dumps({"k": "value-of-k", "n": 7})

    resolver = Resolver({}, read_file=read, read_secret=read)
    text = "${file:/a}${file:/a}${aws-secretsmanager:s#k}/${aws-secretsmanager:s#n}"
    assert text_of(resolver, text).endswith("value-of-k/7")
    assert asked == ["/a", "s"]


@pytest.mark.parametrize(
    ("secret", "message"),
    [("no json at all", "is no JSON; leave #k out"), ('{"l": "x"}', "has no key k"), ('["k"]', "has no key k")],
)
def test_a_secret_without_the_key_is_refused_and_not_shown(secret: str, message: str) -> None:
    resolver = Resolver({}, read_secret=lambda _: secret)
    with pytest.raises(RecipeError, match=message) as caught:
        text_of(resolver, "${aws-secretsmanager:s#k}")
    assert secret not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_files_and_secrets_are_blanked_and_plain_variables_are_not() -> None:
    resolver = Resolver(
        {"REGION": "us-east-2"}, read_file=lambda _: "from-a-file", read_secret=lambda _: '{"k": "from-aws"}'
    )
    text_of(resolver, "${REGION}${file:/a}${aws-secretsmanager:s#k}")
    assert resolver.redact("us-east-2 from-a-file from-aws") == "us-east-2 *** ***"


@given(st.text(min_size=1).filter(str.strip), st.text(), st.text())
def test_no_secret_is_left_in_a_text(secret: str, before: str, after: str) -> None:
    redactor = Redactor()
    redactor.add(secret)
    result = redactor.redact(f"{before} {secret.strip()} {after}")
    assert "***" in result
    if len(secret.strip()) >= 6 and "*" not in secret:
        assert secret.strip() not in result


@pytest.mark.parametrize(
    "text",
    [
        "token=a/b%2B+c\u00e9\"d'x",
        "a%2Fb%252B%2Bc%C3%A9%22d%27x",
        '{"t": "a/b%2B+c\\u00e9\\"d\'x"}',
        "a/b%2B+c\u00e9\\\"d'x",
        repr("a/b%2B+c\u00e9\"d'x".encode()),
        repr("a/b%2B+c\u00e9\"d'x".encode("latin-1")),
    ],
)
def test_escaped_spellings_are_blanked_too(text: str) -> None:
    redactor = Redactor()
    redactor.add("a/b%2B+c\u00e9\"d'x")
    assert "***" in redactor.redact(text)


def test_a_secret_that_is_not_utf8_is_blanked_too() -> None:
    redactor = Redactor()
    redactor.add("t\udcffken-and-more")
    assert redactor.redact("at t\udcffken-and-more") == "at ***"


def test_each_line_of_a_key_is_blanked() -> None:
    redactor = Redactor()
    redactor.add("-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\nshort\n")
    assert redactor.redact("at MIIEvQIBADANBgkqhkiG9w0BAQ: short") == "at ***: short"


def test_a_short_secret_does_not_take_pieces_out_of_words() -> None:
    redactor = Redactor()
    redactor.add("on")
    assert redactor.redact("connection on") == "connection ***"


def test_the_longest_secret_is_blanked_first() -> None:
    redactor = Redactor()
    redactor.add("secret")
    redactor.add("secret-and-more")
    assert redactor.redact("secret-and-more secret") == "*** ***"


class SecretsManagerApi(BaseHTTPRequestHandler):
    """Answers GetSecretValue as AWS does: JSON 1.1, the error's code in ``__type``."""

    server: "SecretsManagerServer"

    def do_POST(self) -> None:
        name = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["SecretId"]
        self.server.regions.append(self.headers["Authorization"].split("/")[2])
        status, answer = self.server.answers[name]
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing on the tests' output."""


class SecretsManagerServer(ThreadingHTTPServer):
    answers: dict[str, tuple[int, dict[str, str]]]
    regions: list[str]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretsManagerServer]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-the-environment")
    with SecretsManagerServer(("127.0.0.1", 0), SecretsManagerApi) as server:
        server.answers, server.regions = {}, []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def resolver_of(server: SecretsManagerServer) -> Resolver:
    return Resolver({"AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}", "AWS_REGION": "eu-west-1"})


ARN = "arn:aws:secretsmanager:us-east-2:123456789012:secret:om-AbCdEf"


def test_secrets_come_from_aws_secrets_manager_in_the_region_of_the_arn_or_of_the_environment(
    server: SecretsManagerServer,
) -> None:
    server.answers = {
        "om": (200, {"SecretString": '{"token": "of-the-bot"}'}),
        ARN: (200, {"SecretBinary": "YmluYXJ5"}),
    }
    resolver = resolver_of(server)
    text = f"${{aws-secretsmanager:om#token}} ${{aws-secretsmanager:{ARN}}} ${{aws-secretsmanager:om#token}}"
    assert text_of(resolver, text) == "of-the-bot binary of-the-bot"
    assert server.regions == ["eu-west-1", "us-east-2"]
    assert resolver.redact("of-the-bot") == "***"


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("ResourceNotFoundException", 400, NotFoundError),
        ("AccessDeniedException", 400, PermissionDeniedError),
        ("UnrecognizedClientException", 400, AuthenticationError),
        ("InvalidRequestException", 400, RejectedError),
    ],
)
def test_what_secrets_manager_refuses_names_the_secret_and_the_key(
    server: SecretsManagerServer, code: str, status: int, kind: type[RemoteError]
) -> None:
    server.answers = {"om": (status, {"__type": code, "Message": "No."})}
    with pytest.raises(kind) as caught:
        text_of(resolver_of(server), "${aws-secretsmanager:om}")
    # On a wrong signature AWS's words quote the session token.
    said = "refused." if kind is AuthenticationError else "No."
    assert str(caught.value).startswith(f"secretsmanager:GetSecretValue of om: {code}: {said}")
    assert f"Asked for by {WHERE}." in str(caught.value)


def test_a_secret_that_is_no_text_is_refused(server: SecretsManagerServer) -> None:
    server.answers = {"om": (200, {"SecretBinary": "/w=="})}
    with pytest.raises(RejectedError, match="binary, not UTF-8"):
        text_of(resolver_of(server), "${aws-secretsmanager:om}")


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
@pytest.mark.parametrize("value", ["SEKRET\nx", "SEKRETt\u00f6ken", "SEKRET \udcff"])
def test_a_key_of_the_environment_that_no_header_can_hold_is_named_and_not_shown(name: str, value: str) -> None:
    environ = {"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret", name: value}
    with pytest.raises(AuthenticationError, match=f"{name} of the environment holds a blank") as caught:
        text_of(Resolver(environ), "${aws-secretsmanager:om}")
    assert "SEKRET" not in str(caught.value)


def test_an_endpoint_of_the_environment_that_is_none_is_refused() -> None:
    with pytest.raises(RejectedError, match="Check AWS_ENDPOINT_URL"):
        text_of(Resolver({"AWS_ENDPOINT_URL": "foo", "AWS_REGION": "eu-west-1"}), "${aws-secretsmanager:om}")


def test_a_secrets_manager_out_of_reach_can_be_tried_again() -> None:
    resolver = Resolver({"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_REGION": "eu-west-1"})
    with pytest.raises((UnavailableError, AuthenticationError)):
        text_of(resolver, "${aws-secretsmanager:om}")


def test_without_a_region_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with pytest.raises(RejectedError, match=r"no region is known\. Set AWS_REGION, or write the secret's ARN\."):
        text_of(Resolver({}), "${aws-secretsmanager:om}")
