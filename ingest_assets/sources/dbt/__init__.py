"""dbt: what its artifacts tell of tables that other recipes made, and the lineage between them."""
