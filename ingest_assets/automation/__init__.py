"""When recipes run."""
