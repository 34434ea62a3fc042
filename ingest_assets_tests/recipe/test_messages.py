from pathlib import Path

import pytest

from ingest_assets.errors import RecipeError, UnsetVariableError
from ingest_assets.recipe import Resolver

from .texts import MINIMAL, load, with_lines

AWS = "source.serviceConnection.config.awsConfig"
SERVER = "workflowConfig.openMetadataServerConfig"


def refusal(folder: Path, text: str) -> list[str]:
    with pytest.raises(RecipeError) as caught:
        load(folder, text)
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def options(*lines: str) -> str:
    return with_lines(
        MINIMAL,
        "awsRegion",
        "  sourceConfig:",
        "    config:",
        "      type: DatabaseMetadata",
        *(f"      {line}" for line in lines),
    )


def dagster(*lines: str) -> str:
    return MINIMAL + "dagster:\n" + "".join(f"  {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            MINIMAL.replace("awsRegion", "awsRegoin"),
            [
                f"glue.yaml:7: {AWS}.awsRegion: missing. Region of the service, such as us-east-2.",
                f"glue.yaml:8: {AWS}.awsRegoin: unknown key. Did you mean awsRegion?",
            ],
        ),
        (
            with_lines(MINIMAL, "awsRegion", "        databaseName: lake"),
            [f"glue.yaml:9: {AWS}.databaseName: unknown key here; it belongs to source.serviceConnection.config."],
        ),
        (
            with_lines(MINIMAL, "awsRegion", "        assumeRoleExternalId: x"),
            [f"glue.yaml:9: {AWS}.assumeRoleExternalId: unknown key here; it belongs to dagster.source."],
        ),
        (
            with_lines(MINIMAL, "awsRegion", "        assumeRoleSessionName: two words"),
            [
                (
                    f"glue.yaml:9: {AWS}.assumeRoleSessionName: expected 2 to 64 letters, digits or characters of "
                    "+=,.@_-, got 'two words'."
                )
            ],
        ),
        (
            dagster("source:", "  assumeRoleExternalId: x"),
            [
                (
                    "glue.yaml:16: dagster.source.assumeRoleExternalId: expected 2 to 1224 letters, digits or "
                    "characters of +=,.@:/_-, got 'x'."
                )
            ],
        ),
        (
            with_lines(MINIMAL, "awsRegion", "        zzz: x"),
            [
                (
                    f"glue.yaml:9: {AWS}.zzz: unknown key. Known here: enabled, awsAccessKeyId, awsSecretAccessKey, "
                    "awsSessionToken, awsRegion, endPointURL, profileName, assumeRoleArn, assumeRoleSessionName, "
                    "assumeRoleSourceIdentity."
                )
            ],
        ),
        (
            with_lines(MINIMAL, "awsRegion", "        aws_region: x"),
            [f"glue.yaml:9: {AWS}.aws_region: unknown key. Did you mean awsRegion?"],
        ),
        (
            MINIMAL.replace("us-east-2", "us-east-2b"),
            [f"glue.yaml:8: {AWS}.awsRegion: this is an availability zone; its region is us-east-2, got 'us-east-2b'."],
        ),
        (
            MINIMAL.replace("us-east-2", "Ohio"),
            [f"glue.yaml:8: {AWS}.awsRegion: expected the code of an AWS region, such as us-east-2, got 'Ohio'."],
        ),
        (
            MINIMAL.replace("us-east-2", ""),
            [f"glue.yaml:8: {AWS}.awsRegion: empty. Region of the service, such as us-east-2."],
        ),
        (
            with_lines(MINIMAL, "awsRegion", "        awsAccessKeyId: AKID"),
            [f"glue.yaml:7: {AWS}: awsSecretAccessKey is missing: an access key is the id and the secret together."],
        ),
        (
            with_lines(MINIMAL, "awsRegion", "        endPointURL: glue.local"),
            [
                (
                    f"glue.yaml:9: {AWS}.endPointURL: expected a URL that begins with http:// or https:// and names a "
                    "host, got 'glue.local'."
                )
            ],
        ),
        (
            MINIMAL.replace("serviceName: lake", "serviceName:"),
            ["glue.yaml:3: source.serviceName: empty. Name of the service in OpenMetadata."],
        ),
        (
            MINIMAL.replace("serviceName: lake", "serviceName: [a]"),
            ["glue.yaml:3: source.serviceName: expected text, got a list."],
        ),
        (
            MINIMAL.replace("serviceName: lake", "serviceName: ${NAME}"),
            [
                (
                    "glue.yaml:3: source.serviceName: can't hold a variable: it is read when Dagster loads its "
                    "definitions, before any run. Write the value itself."
                )
            ],
        ),
        (
            MINIMAL.replace("type: glue", "type: ${TYPE}"),
            [
                (
                    "glue.yaml:2: source.type: can't hold a variable: it decides which assets there are. Write one of "
                    "glue, kinesis, quicksight, looker, atlas, dbt."
                )
            ],
        ),
        (
            MINIMAL.replace("type: glue", "type: glu"),
            [
                (
                    "glue.yaml:2: source.type: unknown source type 'glu'. Did you mean glue? "
                    "Known are glue, kinesis, quicksight, looker, atlas, dbt."
                )
            ],
        ),
        (
            MINIMAL.replace("type: glue", "type:"),
            ["glue.yaml:2: source.type: expected one of glue, kinesis, quicksight, looker, atlas, dbt, got nothing."],
        ),
        (
            MINIMAL.replace("type: glue", "type: [glue]"),
            ["glue.yaml:2: source.type: expected one of glue, kinesis, quicksight, looker, atlas, dbt, got a list."],
        ),
        (
            with_lines(MINIMAL, "awsRegion", "        endPointURL: https://me:s3cr3t@glue.local"),
            [
                (
                    f"glue.yaml:9: {AWS}.endPointURL: an address holds no user and password; they belong to keys of "
                    "their own, got 'https://***@glue.local'."
                )
            ],
        ),
        (
            MINIMAL.replace("openmetadata.example", "xn--.x..y"),
            [
                (
                    f"glue.yaml:11: {SERVER}.hostPort: expected a URL that begins with http:// or https:// and names a "
                    "host, got 'https://xn--.x..y/api'."
                )
            ],
        ),
        (
            MINIMAL.replace("us-east-2", "us-east-2_"),
            [f"glue.yaml:8: {AWS}.awsRegion: expected the code of an AWS region, such as us-east-2, got 'us-east-2_'."],
        ),
        (
            dagster("schedule: 0 3 31 2 mon"),
            [
                (
                    "glue.yaml:15: dagster.schedule: that date never comes: no month of 2 has a day 31, "
                    "got '0 3 31 2 mon'."
                )
            ],
        ),
        (
            dagster("source:", "  catalog_ids: ['', a/b, '123456789012', '123456789012:s3tablescatalog/lake']"),
            [
                (
                    "glue.yaml:16: dagster.source.catalog_ids[0]: expected a catalog id such as 123456789012 or "
                    "123456789012:s3tablescatalog/lake, got ''."
                ),
                (
                    "glue.yaml:16: dagster.source.catalog_ids[1]: expected a catalog id such as 123456789012 or "
                    "123456789012:s3tablescatalog/lake, got 'a/b'."
                ),
            ],
        ),
        (
            options("tableFilterPattern:", "  excludes: ['(a|aa)+$']"),
            [
                (
                    "glue.yaml:13: source.sourceConfig.config.tableFilterPattern.excludes[0]: takes over 1 s to look "
                    f"at the name {'a' * 80 + '!'!r}. Write it without a repetition within a repetition, such as "
                    "(a+)+, got '(a|aa)+$'."
                )
            ],
        ),
        (
            MINIMAL.replace("type: Glue", "type: Athena"),
            ["glue.yaml:6: source.serviceConnection.config.type: expected Glue, got 'Athena'."],
        ),
        (
            MINIMAL.replace("workflowConfig", "workflowConfg"),
            [
                "glue.yaml:1: workflowConfig: missing. The server and the rules of a run.",
                "glue.yaml:9: workflowConfg: unknown key. Did you mean workflowConfig?",
            ],
        ),
        (
            MINIMAL.replace("${OM_BOT_TOKEN}", ""),
            [f"glue.yaml:10: {SERVER}: securityConfig.jwtToken is missing or empty: the token of the ingestion bot."],
        ),
        (
            with_lines(MINIMAL, "hostPort", "    authProvider: openmetdata"),
            [
                (
                    f"glue.yaml:12: {SERVER}.authProvider: expected one of openmetadata, no-auth, auth0, azure, "
                    "google, okta, custom-oidc, aws-cognito, basic, ldap, saml, got 'openmetdata'. "
                    "Did you mean openmetadata?"
                )
            ],
        ),
        (
            with_lines(MINIMAL, "hostPort", "    verifySSL: validate"),
            [f"glue.yaml:10: {SERVER}: verifySSL: validate needs sslConfig.caCertificate, the file of the authority."],
        ),
        (
            MINIMAL.replace("jwtToken: ${OM_BOT_TOKEN}", "jwtToken: [s3cr3t]"),
            [f"glue.yaml:13: {SERVER}.securityConfig.jwtToken: expected text."],
        ),
        (
            options("includeTables: maybe"),
            ["glue.yaml:12: source.sourceConfig.config.includeTables: expected true or false, got 'maybe'."],
        ),
        (
            options("threads: many", "queryLogDuration: 1.5"),
            [
                "glue.yaml:12: source.sourceConfig.config.threads: expected a whole number, got 'many'.",
                "glue.yaml:13: source.sourceConfig.config.queryLogDuration: expected a whole number, got '1.5'.",
            ],
        ),
        (
            options("threads: 0"),
            ["glue.yaml:12: source.sourceConfig.config.threads: expected at least 1, got '0'."],
        ),
        (
            options("tableFilterPattern: users"),
            [
                (
                    "glue.yaml:12: source.sourceConfig.config.tableFilterPattern: expected a mapping (key: value, "
                    "indented below), got text."
                )
            ],
        ),
        (
            options("tableFilterPattern: ${PATTERN}"),
            [
                (
                    "glue.yaml:12: source.sourceConfig.config.tableFilterPattern: expected a mapping (key: value, "
                    "indented below), got text."
                )
            ],
        ),
        (
            options("tableFilterPattern:", "  includes: users"),
            [
                (
                    "glue.yaml:13: source.sourceConfig.config.tableFilterPattern.includes: expected a list "
                    "(one '- value' a line), got text."
                )
            ],
        ),
        (
            options("tableFilterPattern:", "  includes:", "    - ok", "    - '['"),
            [
                (
                    "glue.yaml:15: source.sourceConfig.config.tableFilterPattern.includes[1]: not a regular "
                    "expression: unterminated character set at position 0, got '['."
                )
            ],
        ),
        (
            options("tableFilterPattern:", "  include:", "    - a"),
            [
                (
                    "glue.yaml:13: source.sourceConfig.config.tableFilterPattern.include: unknown key. "
                    "Did you mean includes?"
                )
            ],
        ),
        (
            with_lines(MINIMAL, "awsRegion", "        awsSecretAccessKey: ${A", "        awsAccessKeyId: ${1}"),
            [
                (
                    f"glue.yaml:9: {AWS}.awsSecretAccessKey: a ${{ without its }}. Write $${{ for the two characters "
                    "themselves."
                ),
                (
                    f"glue.yaml:10: {AWS}.awsAccessKeyId: ${{1}} is no reference. Possible are ${{NAME}}, "
                    "${NAME:-default}, ${file:/path} and ${aws-secretsmanager:name#key}."
                ),
            ],
        ),
        (
            dagster("schedule: every night"),
            [
                (
                    "glue.yaml:15: dagster.schedule: expected five cron fields (minute, hour, day, month, weekday), "
                    "such as 0 3 * * *; there are 2, got 'every night'."
                )
            ],
        ),
        (
            dagster("timezone: Europe/Berln"),
            [
                (
                    "glue.yaml:15: dagster.timezone: expected the name of a time zone; the nearest is Europe/Berlin, "
                    "got 'Europe/Berln'."
                )
            ],
        ),
        (
            dagster("owners: [bob]"),
            ["glue.yaml:15: dagster.owners[0]: expected an e-mail address or team:<name>, got 'bob'."],
        ),
        (
            dagster("timeout: ${TIMEOUT}"),
            [
                (
                    "glue.yaml:15: dagster.timeout: can't hold a variable: it is read when Dagster loads its "
                    "definitions, before any run. Write the value itself."
                )
            ],
        ),
        (
            dagster("source:", "  catalog_id: ['123456789012']"),
            ["glue.yaml:16: dagster.source.catalog_id: unknown key. Did you mean catalog_ids?"],
        ),
        (
            dagster("source:", "  looks: true"),
            [
                (
                    "glue.yaml:16: dagster.source.looks: unknown key. Known here: assumeRoleExternalId, "
                    "assumeRoleDurationSeconds, stsEndpointUrl, events_queue, catalog_ids, regions, accounts, "
                    "storage_services."
                )
            ],
        ),
        (
            dagster("source:", "  regions: [us-east-2b]"),
            [
                (
                    "glue.yaml:16: dagster.source.regions[0]: this is an availability zone; its region is us-east-2, "
                    "got 'us-east-2b'."
                )
            ],
        ),
        (
            dagster("source:", "  accounts: [{assumeRoleArn: catalog-reader}]"),
            [
                (
                    "glue.yaml:16: dagster.source.accounts[0].assumeRoleArn: expected the ARN of a role, such as "
                    "arn:aws:iam::210987654321:role/catalog-reader, got 'catalog-reader'."
                )
            ],
        ),
        (
            dagster(
                "source:",
                "  catalog_ids: ['210987654321']",
                "  accounts: [{assumeRoleArn: 'arn:aws:iam::210987654321:role/r'}]",
            ),
            [
                (
                    "glue.yaml:15: dagster.source: account 210987654321 is read twice: name it once, in accounts or "
                    "catalog_ids."
                )
            ],
        ),
        (
            dagster("stale: {max_percent: 120}"),
            ["glue.yaml:15: dagster.stale.max_percent: expected at most 100, got '120'."],
        ),
    ],
)
def test_what_is_wrong_names_file_line_key_what_was_expected_and_the_nearest_word(
    tmp_path: Path, text: str, message: list[str]
) -> None:
    assert refusal(tmp_path, text) == message


def test_of_very_many_unknown_keys_the_first_are_told(tmp_path: Path) -> None:
    lines = refusal(tmp_path, MINIMAL + "".join(f"k{number}: x\n" for number in range(5000)))
    assert len(lines) == 51
    assert lines[-1] == "These are the first 50 problems; there are more."


@pytest.mark.parametrize(
    ("config_type", "name", "instead"),
    [
        ("Profiler", "Profiler", "Dagster asset check"),
        ("DatabaseUsage", "DatabaseUsage", "query logs"),
        ("DatabaseLineage", "DatabaseLineage", "brings it in the same run"),
        ("dbt", "DBT", "source.type: dbt"),
        ("TestSuite", "TestSuite", "tests on data"),
        ("AutoClassification", "AutoClassification", "not rows"),
        ("DatabaseAutoClassification", "AutoClassification", "not rows"),
        ("MetadataToElasticSearch", "MetadataToElasticSearch", "job of the server"),
    ],
)
def test_another_workflow_is_refused_by_name_with_what_to_do_instead(
    tmp_path: Path, config_type: str, name: str, instead: str
) -> None:
    text = options("unheard: of").replace("DatabaseMetadata", config_type)
    (line,) = refusal(tmp_path, text)
    assert line.startswith(f"glue.yaml:11: source.sourceConfig.config.type: a {name} workflow; only metadata")
    assert instead in line


def test_another_workflow_is_named_before_its_source(tmp_path: Path) -> None:
    text = options().replace("type: glue", "type: bigquery").replace("DatabaseMetadata", "Profiler")
    (line,) = refusal(tmp_path, text)
    assert "a Profiler workflow" in line


@pytest.mark.parametrize("key", ["processor", "stage", "bulkSink"])
def test_a_recipe_with_steps_of_other_workflows_is_refused(tmp_path: Path, key: str) -> None:
    (line,) = refusal(tmp_path, MINIMAL + f"{key}:\n  type: x\n")
    assert line.startswith(f"glue.yaml:14: {key}: a recipe with {key} is a profiler, usage or lineage workflow")


def test_a_type_that_no_workflow_has_is_refused_with_the_nearest(tmp_path: Path) -> None:
    (line,) = refusal(tmp_path, options().replace("DatabaseMetadata", "DatabaseMetdata"))
    assert line.endswith("expected DatabaseMetadata, got 'DatabaseMetdata'. Did you mean DatabaseMetadata?")


def test_values_of_variables_are_never_shown(tmp_path: Path) -> None:
    recipe = load(tmp_path, MINIMAL.replace("us-east-2", "${REGION}"))
    with pytest.raises(RecipeError) as caught:
        recipe.resolve(Resolver({"REGION": "p4ssw0rd", "OM_BOT_TOKEN": "t0k3n"}))
    assert str(caught.value).endswith("expected the code of an AWS region, such as us-east-2, got '${REGION}'.")
    assert caught.value.__suppress_context__


def test_an_empty_variable_of_a_required_key_is_named(tmp_path: Path) -> None:
    recipe = load(tmp_path, MINIMAL.replace("us-east-2", "${REGION}"))
    with pytest.raises(RecipeError) as caught:
        recipe.resolve(Resolver({"REGION": "", "OM_BOT_TOKEN": "t0k3n"}))
    assert str(caught.value).endswith(
        f"{AWS}.awsRegion: empty once ${{REGION}} is resolved. Region of the service, such as us-east-2."
    )


def test_every_unset_variable_is_named_at_once(tmp_path: Path) -> None:
    recipe = load(tmp_path, MINIMAL.replace("us-east-2", "${REGION}"))
    with pytest.raises(UnsetVariableError) as caught:
        recipe.resolve(Resolver({}))
    lines = str(caught.value).replace(f"{tmp_path}/", "").splitlines()
    assert [line.split(" is not set")[0] for line in lines] == [
        f"glue.yaml:8: {AWS}.awsRegion: the environment variable REGION",
        f"glue.yaml:13: {SERVER}.securityConfig.jwtToken: the environment variable OM_BOT_TOKEN",
    ]
