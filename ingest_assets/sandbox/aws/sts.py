"""AWS Security Token Service: who am I, and sessions of roles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from fnmatch import fnmatchcase

from ingest_assets.sandbox.aws.identity import Identities, access_denied
from ingest_assets.sandbox.aws.operations import Caller, Operation, Params

_SESSION_SECONDS = 3600
_ROLE_INPUT = frozenset({"RoleArn", "RoleSessionName", "DurationSeconds", "ExternalId", "SourceIdentity"})


class StsService:
    """The STS operations that are built."""

    name = "sts"

    def __init__(self, identities: Identities) -> None:
        self._identities = identities

    @property
    def operations(self) -> Mapping[str, Operation]:
        """See ``AwsService``."""
        return {
            "GetCallerIdentity": Operation(self.get_caller_identity, frozenset()),
            "AssumeRole": Operation(self.assume_role, _ROLE_INPUT),
        }

    def get_caller_identity(self, caller: Caller, _params: Params) -> Params:
        """``GetCallerIdentity``: needs no permission."""
        principal = caller.principal
        return {"UserId": principal.access_key_id, "Account": principal.account, "Arn": principal.arn}

    def assume_role(self, caller: Caller, params: Params) -> Params:
        """``AssumeRole``: by the role's trust, with its external id when it has one; the session ends in time."""
        role = self._identities.role(params["RoleArn"])
        trusted = role is not None and any(fnmatchcase(caller.principal.arn, arn) for arn in role.trusted)
        if role is None or not trusted or role.external_id not in (None, params.get("ExternalId")):
            # AWS gives the same answer whether the role is missing, trusts others, or wants another external id
            raise access_denied(caller.principal, "sts:AssumeRole", params["RoleArn"])
        session = self._identities.add_principal(
            f"{role.name}/{params['RoleSessionName']}",
            role.actions,
            account=role.account,
            hidden=role.hidden,
            session_seconds=params.get("DurationSeconds", _SESSION_SECONDS),
        )
        answer: Params = {
            "Credentials": {
                "AccessKeyId": session.access_key_id,
                "SecretAccessKey": session.secret_access_key,
                "SessionToken": session.session_token,
                "Expiration": datetime.fromtimestamp(int(session.expires or 0), tz=timezone.utc),
            },
            "AssumedRoleUser": {
                "AssumedRoleId": f"{session.access_key_id}:{params['RoleSessionName']}",
                "Arn": session.arn,
            },
        }
        if "SourceIdentity" in params:
            answer["SourceIdentity"] = params["SourceIdentity"]
        return answer
