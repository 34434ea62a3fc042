from pathlib import Path

import pytest

from ingest_assets.recipe import GlueWorkflow, Recipe, least_policy, lint
from ingest_assets.recipe.document import dotted
from ingest_assets.recipe.honoured import verdicts_of
from ingest_assets.recipe.model_keys import places

from .texts import EVERY_KEY_OF_THE_PAGE, MINIMAL, load, with_lines

AWS = "source.serviceConnection.config.awsConfig"
SERVER = "workflowConfig.openMetadataServerConfig"


def with_options(text: str, *options: str) -> str:
    """The recipe with keys of ``sourceConfig.config``."""
    head = ("  sourceConfig:", "    config:", "      type: DatabaseMetadata")
    return with_lines(text, "awsRegion", *head, *(f"      {option}" for option in options))


def levels(recipe: Recipe, level: str) -> dict[str, str]:
    return {note.key: note.why for note in lint(recipe) if note.level == level}


def test_every_key_that_a_glue_recipe_can_have_is_decided_upon() -> None:
    verdicts = verdicts_of("glue")
    blocks = {
        key
        for key in map(dotted, places(GlueWorkflow))
        if any(dotted(other).startswith(f"{key}.") for other in places(GlueWorkflow))
    }
    undecided = [
        key
        for key in map(dotted, places(GlueWorkflow))
        if key not in blocks and not any(key == known or key.startswith(f"{known}.") for known in verdicts)
    ]
    assert undecided == []


def test_no_verdict_is_about_a_key_that_there_is_not() -> None:
    keys = set(map(dotted, places(GlueWorkflow)))
    assert [key for key in verdicts_of("glue") if key not in keys] == []


def test_every_key_of_the_page_is_named_as_honoured_or_why_not(tmp_path: Path) -> None:
    recipe = load(tmp_path, EVERY_KEY_OF_THE_PAGE)
    notes = lint(recipe)
    lists = {dotted(key).split("[")[0] for key, _ in recipe.document.scalars()}
    assert {note.key for note in notes} == lists | {"sink.config"}
    assert all(note.why for note in notes)
    assert levels(recipe, "not honoured").keys() == {
        "source.serviceConnection.config.connectionOptions.key",
        "source.serviceConnection.config.connectionArguments.authenticator",
        "sink.config",
    }
    assert levels(recipe, "warning").keys() == {f"{AWS}.awsSecretAccessKey", f"{AWS}.awsSessionToken"}
    assert levels(recipe, "error").keys() == {f"{SERVER}.securityConfig.jwtToken"}


def test_notes_have_the_lines_of_their_keys(tmp_path: Path) -> None:
    notes = {note.key: note.line for note in lint(load(tmp_path, MINIMAL))}
    assert notes[f"{AWS}.awsRegion"] == 8
    assert notes["source.type"] == 2


def test_a_recipe_that_would_run_has_no_error(tmp_path: Path) -> None:
    assert levels(load(tmp_path, MINIMAL), "error") == {}
    assert levels(load(tmp_path, MINIMAL), "warning") == {}


@pytest.mark.parametrize("key", ["profileName", "assumeRoleArn", "assumeRoleSessionName", "assumeRoleSourceIdentity"])
def test_roles_and_profiles_are_honoured(tmp_path: Path, key: str) -> None:
    recipe = load(tmp_path, with_lines(MINIMAL, "awsRegion", f"        {key}: norrpost"))
    assert f"{AWS}.{key}" in levels(recipe, "honoured")


@pytest.mark.parametrize(
    ("lines", "key", "warns"),
    [
        (["        awsAccessKeyId: a", "        awsSecretAccessKey: b"], f"{AWS}.awsSecretAccessKey", True),
        (["        awsAccessKeyId: a", "        awsSecretAccessKey: ${B}"], f"{AWS}.awsSecretAccessKey", False),
        (["        awsAccessKeyId: a", "        awsSecretAccessKey: '${A}b'"], f"{AWS}.awsSecretAccessKey", False),
        (["        awsAccessKeyId: a", "        awsSecretAccessKey: ${A:-}"], f"{AWS}.awsSecretAccessKey", False),
        (["        awsAccessKeyId: a", "        awsSecretAccessKey: ${A:-b}"], f"{AWS}.awsSecretAccessKey", True),
        (
            ["      connectionArguments: {password: b}"],
            "source.serviceConnection.config.connectionArguments.password",
            True,
        ),
    ],
)
def test_a_secret_in_plain_text_is_warned_of(tmp_path: Path, lines: list[str], key: str, warns: bool) -> None:
    recipe = load(tmp_path, with_lines(MINIMAL, "awsRegion", *lines))
    assert (key in levels(recipe, "warning")) is warns


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("    verifySSL: ignore", "verifySSL"),
        ("    extraHeaders: {Proxy-Authorization: Basic x}", "extraHeaders.Proxy-Authorization"),
    ],
)
def test_what_is_dangerous_is_warned_of(tmp_path: Path, line: str, key: str) -> None:
    assert f"{SERVER}.{key}" in levels(load(tmp_path, with_lines(MINIMAL, "hostPort", line)), "warning")


def test_a_header_that_is_no_secret_is_not_warned_of(tmp_path: Path) -> None:
    recipe = load(tmp_path, with_lines(MINIMAL, "hostPort", "    extraHeaders: {X-Team: data}"))
    assert levels(recipe, "warning") == {}


def test_an_address_without_api_is_warned_of(tmp_path: Path) -> None:
    recipe = load(tmp_path, MINIMAL.replace("example/api", "example"))
    assert "/api" in levels(recipe, "warning")[f"{SERVER}.hostPort"]


def test_a_token_file_is_no_secret_in_plain_text(tmp_path: Path) -> None:
    assert levels(load(tmp_path, MINIMAL.replace("${OM_BOT_TOKEN}", "/run/token")), "warning") == {}


def test_a_service_named_by_a_variable_is_warned_of(tmp_path: Path) -> None:
    text = MINIMAL.replace("glue", "atlas").replace("Glue", "Atlas")
    connection = (
        "      hostPort: http://localhost:21000\n      username: reader\n      password: ${ATLAS_PASSWORD}\n"
        "      databaseServiceName: ['${S}']\n"
    )
    recipe = load(tmp_path, text.replace("      awsConfig:\n        awsRegion: us-east-2\n", connection))
    assert "ordered after" in levels(recipe, "warning")["source.serviceConnection.config.databaseServiceName"]


def test_the_least_policy_of_glue_is_that_of_the_page(tmp_path: Path) -> None:
    nothing_else = with_options(MINIMAL, "markDeletedTables: no", "includeTags: no")
    assert least_policy(load(tmp_path, nothing_else)) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ReadMetadata",
                "Effect": "Allow",
                "Action": ["glue:GetDatabases", "glue:GetTables"],
                "Resource": ["*"],
            }
        ],
    }


@pytest.mark.parametrize(
    ("options", "actions"),
    [
        ((), ["glue:GetTable"]),
        (("markDeletedTables:",), ["glue:GetTable"]),
        (("markDeletedTables: ${REMOVE}",), ["glue:GetTable"]),
        (("markDeletedSchemas: true",), ["glue:GetTable", "glue:GetDatabase"]),
        (("markDeletedTables: false", "markDeletedSchemas: yes"), ["glue:GetDatabase"]),
        (("markDeletedDatabases: true",), ["glue:GetTable"]),
    ],
)
def test_what_removals_ask_for_has_a_statement_of_its_own(
    tmp_path: Path, options: tuple[str, ...], actions: list[str]
) -> None:
    read, more, ask = least_policy(load(tmp_path, with_options(MINIMAL, *options)))["Statement"]
    assert read["Action"] == ["glue:GetDatabases", "glue:GetTables"]
    assert {action.partition(":")[0] for action in more["Action"]} == {"lakeformation"}
    assert ask == {"Sid": "AskForWhatIsGone", "Effect": "Allow", "Action": actions, "Resource": ["*"]}


def test_secrets_and_roles_that_a_recipe_uses_are_in_its_policy(tmp_path: Path) -> None:
    arn = "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:om-AbCdEf"
    text = MINIMAL.replace("${OM_BOT_TOKEN}", f"${{aws-secretsmanager:{arn}#token}}").replace("us-east-2", "cn-north-1")
    text = with_lines(
        text,
        "awsRegion",
        "        awsSessionToken: ${aws-secretsmanager:session}",
        "        awsAccessKeyId: a",
        "        awsSecretAccessKey: ${aws-secretsmanager:session}",
        "        assumeRoleArn: arn:aws-cn:iam::123456789012:role/reader",
        "        assumeRoleSourceIdentity: me",
    )
    _, _, _, secrets, role = least_policy(load(tmp_path, text))["Statement"]
    assert secrets["Resource"] == ["arn:aws-cn:secretsmanager:*:*:secret:session-??????", arn]
    assert role["Action"] == ["sts:AssumeRole", "sts:SetSourceIdentity"]
    assert role["Resource"] == ["arn:aws-cn:iam::123456789012:role/reader"]


def test_roles_of_other_accounts_are_in_the_policy_and_their_keys_are_honoured(tmp_path: Path) -> None:
    arn = "arn:aws:iam::210987654321:role/catalog-reader"
    lines = ["dagster:", "  source:", "    regions: [eu-west-1]", "    storage_services: [lake]", "    accounts:"]
    lines += [f"    - assumeRoleArn: {arn}", "      assumeRoleExternalId: norrpost-7"]
    recipe = load(tmp_path, MINIMAL + "\n".join(lines) + "\n")
    *_, role = least_policy(recipe)["Statement"]
    assert (role["Sid"], role["Action"], role["Resource"]) == ("AssumeRole", ["sts:AssumeRole"], [arn])
    assert not levels(recipe, "error")
    assert not [key for key in levels(recipe, "not honoured") if key.startswith("dagster.source")]


@pytest.mark.parametrize(
    ("url", "arn"),
    [
        ("https://sqs.eu-west-1.amazonaws.com/123456789012/events", "arn:aws:sqs:eu-west-1:123456789012:events"),
        ("https://sqs.us-east-2.amazonaws.com/123456789012/e.fifo", "arn:aws:sqs:us-east-2:123456789012:e.fifo"),
        ("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/e", "arn:aws-cn:sqs:cn-north-1:123456789012:e"),
        ("https://sqs.us-gov-west-1.amazonaws.com/123456789012/e", "arn:aws-us-gov:sqs:us-gov-west-1:123456789012:e"),
        ("${QUEUE}", "*"),
    ],
)
def test_events_are_taken_of_the_one_queue_that_the_recipe_names(tmp_path: Path, url: str, arn: str) -> None:
    text = f"{MINIMAL}dagster:\n  source:\n    events_queue: {url}\n"
    statements = {each["Sid"]: each for each in least_policy(load(tmp_path, text))["Statement"]}
    assert statements["TakeEvents"]["Resource"] == [arn]
