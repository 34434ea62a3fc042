"""AWS Glue's Data Catalog."""
