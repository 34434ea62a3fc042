"""Every remote call site against every kind of fault: ``python -m ingest_assets_tests.faults [SITE ...]``."""
