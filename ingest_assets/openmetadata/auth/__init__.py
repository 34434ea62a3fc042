"""Signing on to the OpenMetadata server: the bot's own token, or one that somebody else gives for a while."""

from ingest_assets.openmetadata.auth.bot import BotToken
from ingest_assets.openmetadata.auth.tokens import TokenSource, expires_at

__all__ = ["BotToken", "TokenSource", "expires_at"]
