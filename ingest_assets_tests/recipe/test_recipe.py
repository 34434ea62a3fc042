from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.errors import RecipeError
from ingest_assets.recipe import GlueWorkflow, Recipe, Resolver, find_recipes, load_recipe

from .texts import EVERY_KEY_OF_THE_PAGE, MINIMAL, load, with_lines

ENVIRON = {"OM_BOT_TOKEN": "of-the-bot"}


def glue(recipe: Recipe, **environ: str) -> GlueWorkflow:
    workflow = recipe.resolve(Resolver({**ENVIRON, **environ}))
    assert isinstance(workflow, GlueWorkflow)
    return workflow


def atlas(*options: str, connection: str = "databaseServiceName: local_hive") -> str:
    text = MINIMAL.replace("glue", "atlas").replace("Glue", "Atlas")
    text = text.replace(
        "      awsConfig:\n        awsRegion: us-east-2\n",
        "      hostPort: http://localhost:21000\n      username: reader\n      password: ${ATLAS_PASSWORD}\n"
        f"      {connection}\n",
    )
    head, _, tail = text.partition("workflowConfig:")
    lines = ("  sourceConfig:", "    config:", "      type: DatabaseMetadata", *options)
    config = "".join(f"{line}\n" for line in lines)
    return f"{head}{config}workflowConfig:{tail}"


def test_recipes_are_found_in_order_and_nothing_else_is(tmp_path: Path) -> None:
    for name in ("b.yml", "a.yaml", "notes.txt", "c.yaml.bak"):
        (tmp_path / name).touch()
    (tmp_path / "folder.yaml").mkdir()
    assert [path.name for path in find_recipes(tmp_path)] == ["a.yaml", "b.yml"]
    with pytest.raises(RecipeError, match="no such folder"):
        find_recipes(tmp_path / "none")


def test_a_recipe_keeps_its_file_as_it_is(tmp_path: Path) -> None:
    recipe = load(tmp_path, MINIMAL)
    assert (recipe.type, recipe.service_name, recipe.path.name) == ("glue", "lake", "glue.yaml")
    assert "OM_BOT_TOKEN" not in repr(recipe)


def test_the_default_of_a_variable_is_not_shown(tmp_path: Path) -> None:
    recipe = load(tmp_path, MINIMAL.replace("${OM_BOT_TOKEN}", "${OM_BOT_TOKEN:-s3cr3t}"))
    assert "s3cr3t" not in repr(recipe) + repr(recipe.variables)


def test_two_readings_of_a_file_are_equal(tmp_path: Path) -> None:
    recipe = load(tmp_path, MINIMAL)
    assert load_recipe(recipe.path) == recipe


def test_loading_looks_nothing_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OM_BOT_TOKEN", "of-the-environment")
    recipe = load(tmp_path, MINIMAL)
    assert "of-the-environment" not in repr(list(recipe.document.scalars()))


def test_values_that_are_left_out_have_the_documented_defaults(tmp_path: Path) -> None:
    workflow = glue(load(tmp_path, MINIMAL))
    assert workflow.workflow_config.success_threshold == 90
    assert workflow.workflow_config.logger_level == "INFO"
    options = workflow.source.source_config.config
    assert (options.mark_deleted_tables, options.mark_deleted_schemas, options.mark_deleted_databases) == (
        True,
        False,
        False,
    )
    assert (options.include_tables, options.include_views, options.include_ddl, options.include_owners) == (
        True,
        True,
        False,
        False,
    )
    assert options.table_filter_pattern.keeps("anything")
    assert workflow.dagster.retries.max == 3
    assert workflow.dagster.retries.delay == 300
    assert workflow.dagster.timeout == 3600
    assert workflow.dagster.schedule is None
    assert not workflow.dagster.started
    assert (workflow.dagster.stale.max_percent, workflow.dagster.stale.max_count) == (20, 500)


@given(name=st.sampled_from(["012345670123", "1e3", "yes", "2024-01-01", "0x1F", "1.10", "0o17", "1_000", "on"]))
def test_text_stays_text_where_text_is_expected(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.mktemp("r")
    text = with_lines(MINIMAL.replace("lake", name), "awsRegion", f"      databaseName: {name}")
    text += "dagster:\n  source:\n    catalog_ids: [012345670123]\n"
    recipe = load(folder, text)
    workflow = glue(recipe)
    assert recipe.service_name == workflow.source.service_name == name
    assert workflow.source.service_connection.config.database_name == name
    assert workflow.dagster.source.catalog_ids == ("012345670123",)
    assert recipe.dagster == workflow.dagster


@pytest.mark.parametrize(
    ("word", "value"),
    [("true", True), ("True", True), ("yes", True), ("on", True), ("no", False), ("OFF", False), ("'false'", False)],
)
def test_switches_take_every_yaml_spelling_of_a_boolean(tmp_path: Path, word: str, value: bool) -> None:
    text = with_lines(MINIMAL, "awsRegion", "  sourceConfig:", "    config:", f"      includeViews: {word}")
    assert glue(load(tmp_path, text)).source.source_config.config.include_views is value


def test_every_kind_of_value_may_come_from_a_variable(tmp_path: Path) -> None:
    text = with_lines(
        MINIMAL.replace("us-east-2", "${REGION}"),
        "awsRegion",
        "  sourceConfig:",
        "    config:",
        "      includeViews: ${VIEWS:-no}",
        "      threads: ${THREADS}",
        "      tableFilterPattern:",
        "        includes: ['${PREFIX}_.*']",
    )
    workflow = glue(load(tmp_path, text), REGION="eu-west-1", THREADS="4", PREFIX="clicks")
    options = workflow.source.source_config.config
    assert workflow.source.service_connection.config.aws_config.aws_region == "eu-west-1"
    assert (options.include_views, options.threads) == (False, 4)
    assert options.table_filter_pattern.keeps("clicks_eu")
    assert not options.table_filter_pattern.keeps("orders")


KEYS = {
    "awsAccessKeyId": "        awsAccessKeyId: ${VALUE}\n        awsSecretAccessKey: secret",
    "awsSecretAccessKey": "        awsAccessKeyId: AKIA\n        awsSecretAccessKey: ${VALUE}",
    "awsSessionToken": (
        "        awsAccessKeyId: AKIA\n        awsSecretAccessKey: secret\n        awsSessionToken: ${VALUE}"
    ),
}


@pytest.mark.parametrize("value", ["SEKRETt\u00f6ken99\n", "AK SEKRET", "SEKRET\nx", "SEKRET\udcff"])
@pytest.mark.parametrize("key", [*KEYS, "jwtToken"])
def test_a_key_that_no_header_can_hold_is_refused_by_its_name(tmp_path: Path, key: str, value: str) -> None:
    text = with_lines(MINIMAL, "awsRegion", KEYS[key]) if key in KEYS else MINIMAL.replace("OM_BOT_TOKEN", "VALUE")
    with pytest.raises(RecipeError, match=rf"glue\.yaml:\d+: .*\.{key}: holds a blank, .* as one line\.$") as caught:
        glue(load(tmp_path, text), VALUE=value)
    assert "SEKRET" not in str(caught.value)
    if value.isascii() and "\n" not in value:
        with pytest.raises(RecipeError, match=rf"\.{key}: holds a blank") as caught:
            load(tmp_path, text.replace("${VALUE}", value))
        assert "SEKRET" not in str(caught.value)


def test_what_stands_around_a_value_is_taken_off_where_it_means_nothing(tmp_path: Path) -> None:
    text = with_lines(
        MINIMAL.replace("us-east-2", "${REGION}").replace("https://openmetadata.example/api", "${HOST}"),
        "awsRegion",
        "        awsAccessKeyId: ${KEY}",
        "        awsSecretAccessKey: ${SECRET}",
        "        awsSessionToken: ${BLANK}",
        "        endPointURL: ${URL}",
        "        profileName: ${BLANK}",
        "  sourceConfig:",
        "    config:",
        "      includeViews: ${VIEWS}",
        "      threads: ${THREADS}",
    )
    values = {"REGION": "eu-north-1", "KEY": "AKIA", "SECRET": "s/e+c=", "URL": "http://glue.local", "VIEWS": "no"}
    values |= {"HOST": "http://om/api", "THREADS": "4", "OM_BOT_TOKEN": "Bearer t0k3n", "BLANK": ""}
    workflow = glue(load(tmp_path, text), **{name: f" {value}\r\n" for name, value in values.items()})
    aws = workflow.source.service_connection.config.aws_config
    assert (aws.aws_region, aws.aws_access_key_id, aws.end_point_url) == ("eu-north-1", "AKIA", "http://glue.local")
    assert aws.aws_secret_access_key is not None
    assert aws.aws_secret_access_key.get_secret_value() == "s/e+c="
    assert (aws.aws_session_token, aws.profile_name) == (None, None)
    options = workflow.source.source_config.config
    assert (options.include_views, options.threads) == (False, 4)
    server = workflow.workflow_config.open_metadata_server_config
    assert server.host_port == "http://om/api"
    assert server.security_config.jwt_token is not None
    assert server.security_config.jwt_token.get_secret_value() == "t0k3n"


def test_the_path_of_a_tokens_file_may_hold_blanks(tmp_path: Path) -> None:
    workflow = glue(load(tmp_path, MINIMAL), OM_BOT_TOKEN="/run/my secrets/tok\u00e9n\n")
    token = workflow.workflow_config.open_metadata_server_config.security_config.jwt_token
    assert token is not None
    assert token.get_secret_value() == "/run/my secrets/tok\u00e9n"


def test_an_empty_optional_value_counts_as_not_given(tmp_path: Path) -> None:
    text = with_lines(
        MINIMAL,
        "awsRegion",
        "        endPointURL: ${ENDPOINT:-}",
        "        awsSessionToken: ${TOKEN:-}",
        "        profileName:",
        "      databaseName: ''",
    )
    connection = glue(load(tmp_path, text)).source.service_connection.config
    assert connection.aws_config.end_point_url is None
    assert connection.aws_config.aws_session_token is None
    assert connection.aws_config.profile_name is None
    assert connection.database_name is None


def test_what_a_recipe_refers_to_is_known_with_its_keys(tmp_path: Path) -> None:
    text = with_lines(
        MINIMAL.replace("us-east-2", "${REGION:-us-east-2}"), "awsRegion", "      databaseName: a-${REGION:-us-east-2}"
    )
    uses = {str(use.reference): use.keys for use in load(tmp_path, text).variables}
    assert uses == {
        "${REGION}": (
            "source.serviceConnection.config.awsConfig.awsRegion",
            "source.serviceConnection.config.databaseName",
        ),
        "${OM_BOT_TOKEN}": ("workflowConfig.openMetadataServerConfig.securityConfig.jwtToken",),
    }


def test_secrets_are_secret_and_blanked_wherever_they_come_from(tmp_path: Path) -> None:
    text = with_lines(
        MINIMAL,
        "awsRegion",
        "        awsAccessKeyId: AKIDEXAMPLE",
        "        awsSecretAccessKey: written-in-plain",
        "        awsSessionToken: ${SESSION}",
    )
    text = with_lines(text, "hostPort", "    extraHeaders: {Proxy-Authorization: of-the-proxy}")
    resolver = Resolver({**ENVIRON, "SESSION": "of-the-session"})
    workflow = load(tmp_path, text).resolve(resolver)
    for secret in ("written-in-plain", "of-the-session", "of-the-proxy", "of-the-bot"):
        assert secret not in repr(workflow)
        assert secret not in str(workflow.model_dump_json())
        assert resolver.redact(f"a {secret} b") == "a *** b"
    assert resolver.redact("AKIDEXAMPLE lake us-east-2") == "AKIDEXAMPLE lake us-east-2"


def test_the_path_of_a_token_file_can_be_named_in_messages(tmp_path: Path) -> None:
    resolver = Resolver({"OM_BOT_TOKEN": "/run/secrets/token"})
    load(tmp_path, MINIMAL).resolve(resolver)
    assert resolver.redact("can't read /run/secrets/token") == "can't read /run/secrets/token"


@pytest.mark.parametrize("key", ["certificatePath", "caCertificate"])
def test_both_spellings_of_the_authority_are_taken(tmp_path: Path, key: str) -> None:
    text = with_lines(MINIMAL, "hostPort", "    verifySSL: validate", f"    sslConfig: {{{key}: /ca.pem}}")
    assert glue(load(tmp_path, text)).workflow_config.open_metadata_server_config.ssl_config.ca_file == "/ca.pem"


def test_placeholders_of_the_docs_fail_the_recipe_that_holds_them(tmp_path: Path) -> None:
    recipe = load(tmp_path, EVERY_KEY_OF_THE_PAGE)
    with pytest.raises(RecipeError) as caught:
        recipe.resolve(Resolver({}))
    assert str(caught.value) == (
        f"{recipe.path}:42: workflowConfig.openMetadataServerConfig.securityConfig.jwtToken: {{bot_jwt_token}} is left "
        "from the docs. Write the value, or a variable such as ${NAME}."
    )


@pytest.mark.parametrize(
    "value", ["<region>", "<AWS region>", "{region}", "{your-region}", "https://{host}/api", "<host>:8585"]
)
def test_each_form_of_a_placeholder_is_known(tmp_path: Path, value: str) -> None:
    recipe = load(tmp_path, MINIMAL.replace("us-east-2", f"'{value}'"))
    with pytest.raises(RecipeError, match=r"awsConfig\.awsRegion: .* is left from the docs"):
        recipe.resolve(Resolver(ENVIRON))


@pytest.mark.parametrize("pattern", ["{a}", "<a>"])
def test_braces_in_filter_patterns_are_no_placeholders(tmp_path: Path, pattern: str) -> None:
    text = with_lines(
        MINIMAL,
        "awsRegion",
        "  sourceConfig:",
        "    config:",
        "      tableFilterPattern:",
        f"        includes: ['{pattern}']",
    )
    assert glue(load(tmp_path, text)).source.source_config.config.table_filter_pattern.keeps(pattern)


def test_a_placeholder_as_service_name_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"source\.serviceName: <service> is left from the docs"):
        load(tmp_path, MINIMAL.replace("lake", "<service>"))


def test_a_connection_of_another_service_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"serviceConnection\.config\.type: expected Atlas, got 'Glue'"):
        load(tmp_path, atlas().replace("type: Atlas", "type: Glue"))


def test_the_services_that_a_recipe_names_are_known_in_every_spelling(tmp_path: Path) -> None:
    text = atlas(connection="databaseServiceName: [local_hive, '${OTHER}']\n      messagingServiceName: events")
    assert load(tmp_path, text).names_services == ("local_hive", "events")
    looker = MINIMAL.replace("type: glue", "type: looker").replace("type: Glue", "type: Looker")
    looker = looker.replace(
        "      awsConfig:\n        awsRegion: us-east-2\n",
        "      clientId: id\n      clientSecret: ${SECRET}\n      hostPort: https://looker.example\n"
        "  sourceConfig:\n    config:\n      type: DashboardMetadata\n      dbServiceNames: [lake, '${OTHER}']\n"
        "      lineageInformation:\n        dbServicePrefixes: [warehouse.db.schema, '\"my.lake\".db', lake]\n",
    )
    assert load(tmp_path, looker).names_services == ("lake", "warehouse", "my.lake")


def test_the_types_are_spelled_in_any_case(tmp_path: Path) -> None:
    text = MINIMAL.replace("type: glue", "type: GLUE").replace("type: Glue", "type: glue")
    recipe = load(tmp_path, text)
    assert recipe.type == glue(recipe).source.type == "glue"
    assert glue(recipe).source.service_connection.config.type == "Glue"
