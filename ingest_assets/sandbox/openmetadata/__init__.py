"""A local counterpart of the OpenMetadata server: REST API of versions 1.0 to 2.0, in memory."""

from ingest_assets.sandbox.openmetadata.app import Observer, OpenMetadataApp, RecordedRequest
from ingest_assets.sandbox.openmetadata.fault_source import FaultSource
from ingest_assets.sandbox.openmetadata.search_endpoints import Engine

__all__ = ["Engine", "FaultSource", "Observer", "OpenMetadataApp", "RecordedRequest"]
