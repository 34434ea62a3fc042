"""AWS Security Token Service: who am I, and sessions of roles."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from fnmatch import fnmatchcase

from ingest_assets.sandbox.aws.identity import Identities, Principal, Role
from ingest_assets.sandbox.aws.operations import Caller, Operation, Params
from ingest_assets.sandbox.aws.refusal import Refusal

_SESSION_SECONDS = 3600
_LONGEST_CHAINED = 3600  # seconds, where a role assumes another, whatever that one allows
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+", re.ASCII)
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
        return {"UserId": principal.user_id, "Account": principal.account, "Arn": principal.arn}

    def assume_role(self, caller: Caller, params: Params) -> Params:
        """``AssumeRole``: by the role's trust, with its external id when it has one; the session ends in time."""
        if not _ROLE_ARN.fullmatch(params["RoleArn"]):
            raise Refusal("ValidationError", f"{params['RoleArn']} is invalid")
        role = self._admitting(caller.principal, params)
        seconds = _session_seconds(caller.principal, role, params.get("DurationSeconds"))
        identity = params.get("SourceIdentity", caller.principal.source_identity)
        session = self._identities.open_session(role, params["RoleSessionName"], seconds, identity)
        answer: Params = {
            "Credentials": {
                "AccessKeyId": session.access_key_id,
                "SecretAccessKey": session.secret_access_key,
                "SessionToken": session.session_token,
                "Expiration": datetime.fromtimestamp(int(session.expires or 0), tz=timezone.utc),
            },
            "AssumedRoleUser": {"AssumedRoleId": session.user_id, "Arn": session.arn},
        }
        if identity is not None:
            answer["SourceIdentity"] = identity
        return answer

    def _admitting(self, caller: Principal, params: Params) -> Role:
        """The role, if the caller may assume it, and be called what it asks for.

        Raises:
            Refusal: AWS gives the same answer whether the role is missing, trusts others, or wants another external id.
        """
        arn = params["RoleArn"]
        role = self._identities.role(arn)
        admitted = role is not None and role.admits(caller, "sts:AssumeRole")
        if role is None or not admitted or role.external_id not in (None, params.get("ExternalId")):
            raise _not_authorized(caller, "sts:AssumeRole", arn)
        identity = params.get("SourceIdentity", caller.source_identity)
        if identity is not None:
            changed = caller.source_identity not in (None, identity)
            trusted = any(fnmatchcase(identity, pattern) for pattern in role.source_identities)
            if changed or not trusted or not role.admits(caller, "sts:SetSourceIdentity"):
                raise _not_authorized(caller, "sts:SetSourceIdentity", arn)
        return role


def _session_seconds(caller: Principal, role: Role, wanted: int | None) -> int:
    if wanted is None:
        return _SESSION_SECONDS
    if caller.role is not None and wanted > _LONGEST_CHAINED:
        message = "exceeds the 1 hour session limit for roles assumed by role chaining"
        raise Refusal("ValidationError", f"The requested DurationSeconds {message}")
    if wanted > role.longest_session:
        raise Refusal(
            "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
    return wanted


def _not_authorized(caller: Principal, action: str, role_arn: str) -> Refusal:
    message = f"User: {caller.arn} is not authorized to perform: {action} on resource: {role_arn}"
    return Refusal("AccessDenied", message, 403)
