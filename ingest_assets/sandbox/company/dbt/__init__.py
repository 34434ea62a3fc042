"""Norrpost's dbt project over its lake, and the artifacts that a real dbt wrote of it.

``project`` is what its authors wrote: sources in the lake, models that make some of the lake's tables, a seed, a
snapshot of a table of the ERP system, exposures and tests. ``target`` is what dbt-core 1.11 with dbt-duckdb 1.10 wrote
(``dbt build``, ``dbt source freshness``, ``dbt docs generate``), after ``lake.sql`` and ``erp.sql`` had made the tables
that it reads. From the artifacts were taken: times, ids of invocations and users, arguments of the command line, and
macros, which are dbt's own.
"""

from __future__ import annotations

from pathlib import Path

DBT_TARGET = Path(__file__).parent / "target"
"""Folder of the artifacts."""
