"""Reading alone: the least that any ingestion must do, a plain boto3 loop over ``GetTables`` that keeps nothing."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import boto3


def read_all() -> dict[str, float]:
    """Read every table once; what the loop took, and what it asked for."""
    glue = boto3.Session().client("glue")
    started = time.monotonic()
    tables = calls = 0
    for databases in glue.get_paginator("get_databases").paginate():
        calls += 1
        for database in databases["DatabaseList"]:
            for page in glue.get_paginator("get_tables").paginate(DatabaseName=database["Name"]):
                calls += 1
                tables += len(page["TableList"])
    return {"seconds": time.monotonic() - started, "tables": tables, "aws_calls": calls}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(read_all()), encoding="utf-8")
