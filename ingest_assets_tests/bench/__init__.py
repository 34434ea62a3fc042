"""Speed and memory of whole runs, held against reading alone: ``python -m ingest_assets_tests.bench [TABLES ...]``."""
