"""Lineage from SQL: which columns of which tables flow into which columns of a view."""
