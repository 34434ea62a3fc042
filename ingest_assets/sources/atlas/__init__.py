"""Apache Atlas as a source: what it knows of tables, topics and their lineage."""
