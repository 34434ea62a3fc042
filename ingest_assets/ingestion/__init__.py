"""One recipe's run from end to end, without Dagster: source to snapshot to plan to server."""
