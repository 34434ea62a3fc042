"""How a recipe says who it is to AWS."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from ingest_assets.recipe.fields import HttpUrl, KeyId, Line, SecretKey, Switch, WorkflowBlock
from ingest_assets.recipe.settings import SourceSettings

_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
_REGION = re.compile(r"[a-z]+(-[a-z]+)+-\d{1,2}")


def _region(text: str) -> str:
    value = text.strip()
    # No list of regions: the one bundled with botocore refuses those that AWS opened later.
    if _REGION.fullmatch(value):
        return value
    if _REGION.fullmatch(value[:-1]) and value[-1].isalpha():
        raise ValueError(f"this is an availability zone; its region is {value[:-1]}")
    raise ValueError("expected the code of an AWS region, such as us-east-2")


def _session_name(value: str) -> str:
    # STS refuses others, in the middle of a run.
    if not _SESSION_NAME.fullmatch(value):
        raise ValueError("expected 2 to 64 letters, digits or characters of +=,.@_-")
    return value


def _external_id(value: str) -> str:
    if not _EXTERNAL_ID.fullmatch(value):
        raise ValueError("expected 2 to 1224 letters, digits or characters of +=,.@:/_-")
    return value


Region = Annotated[str, AfterValidator(_region)]
SessionName = Annotated[Line, AfterValidator(_session_name)]
ExternalId = Annotated[Line, AfterValidator(_external_id)]


class AwsConfig(WorkflowBlock):
    """Credentials and region. Without keys and profile the AWS SDK's own chain is asked."""

    enabled: Switch = Field(default=False, description="OpenMetadata's switch for IAM sign-on to a database.")
    aws_access_key_id: KeyId | None = Field(default=None, description="Id of the access key.")
    aws_secret_access_key: SecretKey | None = Field(default=None, description="Secret of the access key.")
    aws_session_token: SecretKey | None = Field(
        default=None, description="Session token that belongs to temporary keys."
    )
    aws_region: Region = Field(description="Region of the service, such as us-east-2.")
    end_point_url: HttpUrl | None = Field(
        default=None,
        alias="endPointURL",
        description="Another address of the service itself (never of STS); its path is kept.",
    )
    profile_name: Line | None = Field(
        default=None, description="Profile of the AWS configuration files; keys that are given here win over it."
    )
    assume_role_arn: Line | None = Field(default=None, description="ARN of a role to assume.")
    assume_role_session_name: SessionName = Field(
        default="OpenMetadataSession", description="Session name of the assumed role, as CloudTrail shows it."
    )
    assume_role_source_identity: SessionName | None = Field(
        default=None, description="Source identity of the assumed role, as CloudTrail shows it."
    )

    @model_validator(mode="after")
    def _keys_come_in_pairs(self) -> AwsConfig:
        if (self.aws_access_key_id is None) != (self.aws_secret_access_key is None):
            missing = "awsSecretAccessKey" if self.aws_access_key_id else "awsAccessKeyId"
            raise ValueError(f"{missing} is missing: an access key is the id and the secret together")
        if self.aws_session_token is not None and self.aws_access_key_id is None:
            raise ValueError("awsSessionToken belongs to awsAccessKeyId and awsSecretAccessKey, which are missing")
        return self


class AwsSourceSettings(SourceSettings):
    """What sources in AWS can do that OpenMetadata's schema has no key for."""

    assume_role_external_id: ExternalId | None = Field(
        default=None, alias="assumeRoleExternalId", description="External id that the role's owner asks for."
    )
    assume_role_duration_seconds: int | None = Field(
        default=None,
        alias="assumeRoleDurationSeconds",
        ge=900,
        le=43_200,
        description="Seconds that the role's credentials last; they are renewed in time. AWS's default is 3600.",
    )
    sts_endpoint_url: HttpUrl | None = Field(
        default=None,
        alias="stsEndpointUrl",
        description="Another address of STS, which gives the role's credentials; endPointURL is never its.",
    )


class EventfulSettings(AwsSourceSettings):
    """What sources can do that send events to EventBridge."""

    events_queue: Line | None = Field(
        default=None,
        description="URL of an SQS queue that EventBridge feeds with the service's events; the sensor events runs what "
        "they touch. Several recipes may name one queue.",
    )
