"""The OpenMetadata side: client, server versions, request bodies, listings, and what plans and applies changes."""
