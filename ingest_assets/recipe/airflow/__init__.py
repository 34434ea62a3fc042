"""Airflow DAG files as OpenMetadata's pages print them, read without being run, and what a recipe makes of them."""

from ingest_assets.recipe.airflow.dag_file import DagFile, Ingestion, read_dag_file
from ingest_assets.recipe.airflow.recipe_text import file_name, read_config, with_settings
from ingest_assets.recipe.airflow.translation import Row, Translation, translate

__all__ = [
    "DagFile",
    "Ingestion",
    "Row",
    "Translation",
    "file_name",
    "read_config",
    "read_dag_file",
    "translate",
    "with_settings",
]
