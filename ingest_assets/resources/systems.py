"""Resources of the systems that recipes talk to; each can be used in anyone's own assets."""

import os
from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field
from pydantic.config import JsonDict

from ingest_assets.calls import Calls
from ingest_assets.snapshots.store import Store, open_store

if TYPE_CHECKING:
    from botocore.client import BaseClient

    from ingest_assets.openmetadata.client import OpenMetadataClient

_SECRET: JsonDict = {"dagster__is_secret": True}
_DEFAULT_STORE = "~/.ingest_assets"


class AwsResource(dg.ConfigurableResource["AwsResource"]):
    """AWS keys, region and endpoint. Empty, it leaves all of them to the recipe, or to boto3's own chain."""

    region_name: str | None = Field(default=None, description="Region, such as eu-central-1.")
    aws_access_key_id: str | None = Field(default=None, description="Access key; give it with EnvVar.")
    aws_secret_access_key: str | None = Field(
        default=None, repr=False, json_schema_extra=_SECRET, description="Secret key; give it with EnvVar."
    )
    aws_session_token: str | None = Field(
        default=None, repr=False, json_schema_extra=_SECRET, description="Session token; give it with EnvVar."
    )
    endpoint_url: str | None = Field(default=None, description="In place of the service's own endpoint.")

    def explicit(self) -> dict[str, str]:
        """What is given, by the names of ``AwsCredentials``."""
        given = {
            "region": self.region_name,
            "access_key_id": self.aws_access_key_id,
            "secret_access_key": self.aws_secret_access_key,
            "session_token": self.aws_session_token,
            "endpoint_url": self.endpoint_url,
        }
        return {name: value for name, value in given.items() if value}

    def get_client(self, service: str) -> "BaseClient":
        """A boto3 client of a service, with limits on retries and time.

        Raises:
            RejectedError: No region is given, here or in the environment.
        """
        from ingest_assets.sources.aws import AwsCredentials, AwsSession  # noqa: PLC0415  # pulls boto3

        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""
        given = {"region": region, **self.explicit()}
        credentials = AwsCredentials(**given)  # type: ignore[arg-type]  # the names are those of its fields
        return AwsSession(credentials, Calls(), service=service).client(service)


class OpenMetadataResource(dg.ConfigurableResource["OpenMetadataResource"]):
    """The OpenMetadata server. Empty, it leaves address and token to the recipe."""

    host_port: str | None = Field(default=None, description="Address of the API, such as https://catalog.example/api.")
    jwt_token: str | None = Field(
        default=None, repr=False, json_schema_extra=_SECRET, description="The bot's token; give it with EnvVar."
    )

    def explicit(self) -> dict[str, str]:
        """What is given."""
        given = {"host_port": self.host_port, "jwt_token": self.jwt_token}
        return {name: value for name, value in given.items() if value}

    def get_client(self) -> "OpenMetadataClient":
        """A client of the server, for anyone's own assets.

        Raises:
            DagsterInvalidConfigError: Address or token is not given.
        """
        from ingest_assets.openmetadata.auth import BotToken  # noqa: PLC0415  # with requests, not for the start
        from ingest_assets.openmetadata.client import OpenMetadataClient  # noqa: PLC0415

        if not self.host_port or not self.jwt_token:
            raise dg.DagsterInvariantViolationError("OpenMetadataResource needs host_port and jwt_token.")
        return OpenMetadataClient(self.host_port, BotToken(self.jwt_token), Calls())


class StoreResource(dg.ConfigurableResource["StoreResource"]):
    """Where snapshots, plans and ledgers lie. It must outlast the process: Dagster's temporary home is no place."""

    address: str | None = Field(
        default=None, description="A folder or s3://bucket/prefix; else INGEST_ASSETS_STORE, else ~/.ingest_assets."
    )

    def open(self) -> Store:
        """The store.

        Raises:
            StoreError: The address is neither a folder nor in S3.
        """
        return open_store(self.address or os.environ.get("INGEST_ASSETS_STORE") or _DEFAULT_STORE)
