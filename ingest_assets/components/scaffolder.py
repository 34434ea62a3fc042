"""What ``dg scaffold defs ingest_assets.components.MetadataIngestion NAME`` writes."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Literal

import click
import dagster as dg
from pydantic import BaseModel, Field

from ingest_assets.errors import RecipeError
from ingest_assets.recipe.loader import load_recipe

_SERVICE = re.compile(r"serviceName: local_\w+")
_PLAIN = re.compile(r"\w+([ .-]\w+)*")
# Only projects that are cloned have this file.
_ABOUT_THE_CLONE = " (.env.example lists them)"


class StartingRecipe(BaseModel):
    """Parameters of the scaffolder."""

    source: Literal["glue", "kinesis", "quicksight", "looker", "atlas", "dbt"] = Field(
        default="glue", description="What the recipe reads."
    )
    service_name: str | None = Field(
        default=None, description="Name of the service in OpenMetadata; by default that of the component's folder."
    )


class MetadataIngestionScaffolder(dg.Scaffolder[StartingRecipe]):
    """Writes a ``defs.yaml``, and beside it a recipe that loads: what is secret or yours in it is a variable."""

    @classmethod
    def get_scaffold_params(cls) -> type[StartingRecipe]:
        """The parameters, each with a default."""
        return StartingRecipe

    def scaffold(self, request: dg.ScaffoldRequest[StartingRecipe]) -> None:
        """Write both files.

        Raises:
            ClickException: There is such a recipe already; it stays as it is. Or no recipe can have that name.
        """
        folder = request.target_path.parent if request.append else request.target_path
        recipe = folder / f"{request.params.source}.yaml"
        if recipe.exists():
            raise click.ClickException(f"{recipe} is there already. Give the component another name.")
        recipe.write_text(_text_of(request.params, folder.name), encoding="utf-8")
        try:
            variables = load_recipe(recipe).variables
        except RecipeError as error:
            # Left there it would break the project, and hold up whoever tries once more with another name.
            recipe.unlink()
            raise click.ClickException(f"{error} Nothing was written: name another service_name.") from error
        dg.scaffold_component(request, {"recipes": recipe.name})
        click.echo(f"Fill in {recipe}, and set its variables:")
        for use in variables:
            if use.reference.default is None:
                click.echo(f"  {use.reference.name}")


def _text_of(params: StartingRecipe, folder: str) -> str:
    template = (files(__package__) / "recipes" / f"{params.source}.yaml").read_text(encoding="utf-8")
    name = params.service_name or folder
    # Quoted where a character might mean something in YAML.
    written = name if _PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False)
    return _SERVICE.sub(lambda _: f"serviceName: {written}", template.replace(_ABOUT_THE_CLONE, ""), count=1)
