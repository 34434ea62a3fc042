"""Dagster resources, thin over the plain clients. What a resource gives explicitly wins over the recipe's values."""
