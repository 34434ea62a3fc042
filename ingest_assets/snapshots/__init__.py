"""What was seen of a service, and what was written of it: snapshots, manifests and the ledger."""
