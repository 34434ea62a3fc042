"""The sandbox over TLS, and a proxy through which the hosts of real providers lead to it."""

from ingest_assets.sandbox.secure.front import SecureFront

__all__ = ["SecureFront"]
