"""Recipes as Dagster assets."""
