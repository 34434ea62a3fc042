"""The OpenMetadata side, over real HTTP."""
