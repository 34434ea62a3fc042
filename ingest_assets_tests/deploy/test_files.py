"""The files of ``deploy/`` held against each other, against the project, and against what Dagster takes."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from dagster._config import process_config, resolve_to_config_type  # what an instance asks of its configuration
from dagster._core.launcher import RunLauncher
from packaging.specifiers import SpecifierSet

from ingest_assets.recipe import find_recipes, load_recipe
from ingest_assets_tests.deploy.files import (
    DEPLOY,
    OURS,
    ROOT,
    command_of,
    health_check_of,
    instruction,
    instructions,
    read_yaml,
    services,
    variables_in,
    variables_of,
)

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LAUNCHERS = [
    yaml.safe_load(block)["run_launcher"]
    for block in re.findall(r"```yaml\n(.*?)```", (DEPLOY / "README.md").read_text(encoding="utf-8"), re.DOTALL)
]


def given_to(service: str) -> set[str]:
    """Variables that a container of ours has: of compose, and of the files that it names."""
    told = services()[service]
    files = [(DEPLOY / f"{name}.example").resolve() for name in told["env_file"]]
    return set(told["environment"]).union(*map(variables_in, files))


@pytest.mark.parametrize("service", OURS)
def test_each_container_is_given_every_variable_that_dagster_and_the_recipes_look_up(service: str) -> None:
    looked_up = {*variables_of(read_yaml("dagster.yaml")), *variables_of(read_yaml("workspace.yaml"))}
    recipes = [load_recipe(path) for path in find_recipes(ROOT / "recipes")]
    looked_up |= {use.reference.name for recipe in recipes for use in recipe.variables if not use.reference.default}
    assert looked_up <= given_to(service)
    assert "INGEST_ASSETS_STORE" in given_to(service)


@pytest.mark.parametrize("service", OURS)
def test_each_container_runs_programs_that_our_dependencies_bring(service: str) -> None:
    for command in (command_of(service), health_check_of(service)):
        assert Path(sys.executable).with_name(command[0]).exists()


def test_every_service_has_a_memory_limit_comes_back_and_waits_for_those_that_it_needs() -> None:
    for name, service in services().items():
        assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
        assert service["restart"] == "unless-stopped"
        for other, how in service.get("depends_on", {}).items():
            assert how == {"condition": "service_healthy"}
            assert "healthcheck" in services()[other] or other == "code"
        assert name == "postgres" or service["build"] == {"context": "..", "dockerfile": "deploy/Dockerfile"}


def test_docker_compose_takes_the_file(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:  # noqa: S603
        pytest.skip("docker compose is not installed")
    shutil.copytree(DEPLOY, tmp_path / "deploy")
    (tmp_path / ".env").write_text("", encoding="utf-8")
    (tmp_path / "deploy" / ".env").write_text("DAGSTER_PG_PASSWORD=of-the-test\n", encoding="utf-8")
    command = [docker, "compose", "--file", str(tmp_path / "deploy" / "compose.yaml"), "config", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr


def test_ports_and_passwords_agree() -> None:
    code, webserver, database = (services()[name] for name in ("code", "webserver", "postgres"))
    assert code["environment"]["CODE_SERVER_HOST"] in services()
    port = code["environment"]["CODE_SERVER_PORT"]
    assert (
        port
        == instruction("EXPOSE")
        == option(command_of("code"), "--port")
        == option(health_check_of("code"), "--port")
    )
    assert webserver["ports"] == ["127.0.0.1:3000:{}".format(option(command_of("webserver"), "--port"))]
    given = code["environment"]
    assert given["DAGSTER_PG_HOST"] == "postgres"
    assert (given["DAGSTER_PG_USER"], given["DAGSTER_PG_DB"]) == (
        database["environment"]["POSTGRES_USER"],
        database["environment"]["POSTGRES_DB"],
    )
    assert database["environment"]["POSTGRES_PASSWORD"].startswith("${DAGSTER_PG_PASSWORD:?")


def test_no_secret_is_written_down() -> None:
    text = (DEPLOY / ".env.example").read_text(encoding="utf-8")
    assert re.findall(r"^\w+=(.*)$", text, re.MULTILINE) == ["", "", "s3://"]
    assert not {"password", "token", "secret"} & {key.lower() for key in services()["code"]["environment"]}


def test_the_image_holds_files_that_are_there_and_let_in_and_is_nobody_s_root() -> None:
    let_in = re.findall(r"^!(.+)$", (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    copied = {source for word, rest in instructions() if word == "COPY" for source in rest.split()[:-1]}
    assert copied == set(let_in)
    assert all((ROOT / source).exists() for source in copied)
    assert instruction("USER") == "dagster"
    assert instructions()[-1][0] == "CMD"


def test_the_image_has_one_minor_version_of_python_that_we_support_and_extras_that_there_are() -> None:
    version = re.fullmatch(r"python:(3\.\d+)-slim-\w+", instruction("FROM"))
    assert version is not None
    assert f"{version[1]}.99" in SpecifierSet(PROJECT["requires-python"])
    extras = PROJECT["optional-dependencies"]
    readme = (DEPLOY / "README.md").read_text(encoding="utf-8")
    for named in (instruction("ARG"), *re.findall(r"EXTRAS=[\w,]+", readme)):
        assert set(named.removeprefix("EXTRAS=").split(",")) <= set(extras)


def test_libraries_are_a_layer_below_the_code() -> None:
    steps = [f"{word} {rest}" for word, rest in instructions()]
    libraries = next(place for place, step in enumerate(steps) if '".[${EXTRAS}]"' in step)
    code = steps.index("COPY ingest_assets ingest_assets")
    assert libraries < code < steps.index("RUN pip install --no-cache-dir --no-deps .")


def test_the_instance_of_make_dev_says_the_same_but_for_where_things_are_kept_and_run() -> None:
    here = yaml.safe_load((ROOT / "dagster.yaml").read_text(encoding="utf-8"))
    deployed = read_yaml("dagster.yaml")
    assert {key: deployed[key] for key in here} == here
    assert set(deployed) - set(here) == {"storage", "compute_logs", "run_coordinator", "run_launcher"}


def test_the_code_location_is_called_as_everywhere() -> None:
    (server,) = read_yaml("workspace.yaml")["load_from"]
    local = yaml.safe_load((ROOT / "workspace.yaml").read_text(encoding="utf-8"))["load_from"][0]["python_module"]
    assert server["grpc_server"]["location_name"] == local["location_name"]
    assert option(command_of("code"), "--module-name") == local["module_name"]


@pytest.mark.parametrize("launcher", LAUNCHERS, ids=lambda launcher: str(launcher["class"]))
def test_every_launcher_of_the_readme_takes_the_configuration_that_is_shown(
    launcher: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in variables_of(launcher):
        monkeypatch.setenv(name, "redis://localhost")
    found = getattr(importlib.import_module(launcher["module"]), launcher["class"])
    assert issubclass(found, RunLauncher)
    taken = process_config(resolve_to_config_type(found.config_type()), launcher["config"])
    assert taken.success, taken.errors


def test_the_readme_explains_every_file() -> None:
    readme = (DEPLOY / "README.md").read_text(encoding="utf-8")
    files = {path.name for path in DEPLOY.iterdir() if path.is_file()} - {"README.md", ".env"}
    assert {name for name in files if f"`{name}`" not in readme} == set()
    assert len(LAUNCHERS) == 3


def option(command: list[str], name: str) -> str:
    """The value of a command's option."""
    return command[command.index(name) + 1]
