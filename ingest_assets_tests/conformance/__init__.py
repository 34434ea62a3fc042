"""Request bodies against the classes that OpenMetadata's own client publishes for each server version."""
