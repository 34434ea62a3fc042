from ingest_assets_tests.recipe_runs import impatient, sandbox, services

__all__ = ["impatient", "sandbox", "services"]
