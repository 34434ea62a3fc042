"""Recipe in, catalog out: the publisher's own contract, which holds for any OpenMetadata server."""
