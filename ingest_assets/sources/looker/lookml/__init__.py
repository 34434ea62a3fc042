"""LookML as a language: files in, models, views, explores and their lineage out. No network, no Looker, no catalog."""
