"""AWS services on one endpoint, driven by botocore's own service models."""
