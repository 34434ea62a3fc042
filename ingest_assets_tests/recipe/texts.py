"""Recipes as texts, and the YAML of a documentation page."""

from __future__ import annotations

import re
from pathlib import Path

from ingest_assets.recipe import Recipe, load_recipe

PAGES = Path(__file__).parents[3] / "shared" / "seeds"

MINIMAL = """\
source:
  type: glue
  serviceName: lake
  serviceConnection:
    config:
      type: Glue
      awsConfig:
        awsRegion: us-east-2
workflowConfig:
  openMetadataServerConfig:
    hostPort: https://openmetadata.example/api
    securityConfig:
      jwtToken: ${OM_BOT_TOKEN}
"""

LAKE_OF_THE_COMPANY = """\
source:
  type: glue
  serviceName: lake
  serviceConnection:
    config:
      type: Glue
      awsConfig:
        awsAccessKeyId: ${AWS_ACCESS_KEY_ID}
        awsSecretAccessKey: ${AWS_SECRET_ACCESS_KEY}
        awsRegion: ${AWS_REGION}
  sourceConfig:
    config:
      type: DatabaseMetadata
workflowConfig:
  openMetadataServerConfig:
    hostPort: ${OPENMETADATA_HOST_PORT}
    securityConfig:
      jwtToken: ${OM_BOT_TOKEN}
"""
"""Glue of the sandbox, for pages about what looks for its tables."""

# The keys of the Glue page, with every optional one.
EVERY_KEY_OF_THE_PAGE = """\
source:
  type: glue
  serviceName: local_glue
  serviceConnection:
    config:
      type: Glue
      awsConfig:
        awsAccessKeyId: KEY
        awsSecretAccessKey: SECRET
        awsRegion: us-east-2
        endPointURL: https://glue.us-east-2.amazonaws.com/
        awsSessionToken: TOKEN
      databaseName: database_name
      connectionOptions:
        key: value
      connectionArguments:
        authenticator: sso_login_url
  sourceConfig:
    config:
      type: DatabaseMetadata
      markDeletedTables: true
      includeTables: true
      includeViews: true
      includeTags: true
      databaseFilterPattern:
        includes: [database1, database2]
        excludes: [database3]
      schemaFilterPattern:
        includes: [schema1]
        excludes: [schema3]
      tableFilterPattern:
        includes: [users]
        excludes: [table3]
sink:
  type: metadata-rest
  config: {}
workflowConfig:
  openMetadataServerConfig:
    hostPort: "http://localhost:8585/api"
    authProvider: openmetadata
    securityConfig:
      jwtToken: "{bot_jwt_token}"
"""

DAG = '''\
import pathlib
import yaml
from datetime import timedelta
from airflow import DAG
from metadata.config.common import load_config_file
from metadata.ingestion.api.workflow import Workflow
from airflow.utils.dates import days_ago

try:
    from airflow.operators.python import PythonOperator
except ModuleNotFoundError:
    from airflow.operators.python_operator import PythonOperator

default_args = {
    "owner": "user_name",
    "email": ["username@org.com"],
    "email_on_failure": False,
    "retries": 3,
    "retry_delay": timedelta(minutes=5),
    "execution_timeout": timedelta(minutes=60)
}

config = """
<your YAML configuration>
"""

def metadata_ingestion_workflow():
    workflow_config = yaml.safe_load(config)
    workflow = Workflow.create(workflow_config)
    workflow.execute()
    workflow.raise_from_status()
    workflow.print_status()
    workflow.stop()

with DAG(
    "sample_data",
    default_args=default_args,
    description="An example DAG which runs a OpenMetadata ingestion workflow",
    start_date=days_ago(1),
    is_paused_upon_creation=False,
    schedule_interval='*/5 * * * *',
    catchup=False,
) as dag:
    ingest_task = PythonOperator(
        task_id="ingest_using_recipe",
        python_callable=metadata_ingestion_workflow,
    )
'''
"""The DAG that the documentation pages print."""

DAG_CONFIG = "<your YAML configuration>\n"
"""Where it wants a recipe."""


def load(folder: Path, text: str) -> Recipe:
    """Loads a recipe from its text; its file is called ``glue.yaml``."""
    path = folder / "glue.yaml"
    path.write_text(text, encoding="utf-8")
    return load_recipe(path)


def with_lines(text: str, after: str, *lines: str) -> str:
    """A text with further lines after the one that holds ``after``, indented like the lines given."""
    head, separator, tail = text.partition(after)
    assert separator, after
    rest_of_line, newline, tail = tail.partition("\n")
    return head + after + rest_of_line + newline + "".join(f"{line}\n" for line in lines) + tail


def yaml_blocks(page: str) -> list[str]:
    """The fenced YAML of a page, in order. A fence that opens closes the one before (one page forgets to)."""
    blocks: list[list[str]] = []
    inside = False
    for line in page.splitlines():
        if line.strip().startswith("```"):
            inside = line.strip().startswith("```yaml")
            if inside:
                blocks.append([])
        elif inside:
            blocks[-1].append(line)
    return ["\n".join(block) + "\n" for block in blocks]


def dag_of(page: str) -> str:
    """The DAG of a page as printed: its blocks of Python, joined."""
    return "".join(re.findall(r"^```python[^\n]*\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL))


def recipe_of(page: str) -> str:
    """The recipe of a page as printed: its blocks up to the first ``workflowConfig``."""
    text = ""
    for block in yaml_blocks(page):
        text += block
        if "workflowConfig:" in block:
            return text
    raise AssertionError("the page has no workflowConfig")


def sign_ons_of(page: str) -> list[str]:
    """The further ``workflowConfig`` blocks of a page, one for each way to sign on."""
    blocks = [block for block in yaml_blocks(page) if "workflowConfig:" in block]
    return [block for block in blocks if "source:" not in block]


def with_comments_on(text: str) -> str:
    """A recipe with every line that is commented out switched on."""
    return re.sub(r"^(\s*)# ?", r"\1", text, flags=re.MULTILINE)
