"""Who may do what: access keys, sessions of assumed roles, and the actions that each was granted."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from ingest_assets.sandbox.aws.refusal import Refusal


@dataclass(frozen=True)
class Principal:
    """A user or a role's session.

    Attributes:
        access_key_id: ``AKIA...`` of a user, ``ASIA...`` of a session.
        secret_access_key: What requests are signed with.
        account: Twelve digits.
        name: User name, or ``role/session``.
        actions: Granted IAM actions; wildcards as in a policy (``glue:Get*``). A grant for some resources only names
            them after `` on ``: ``kinesis:ListShards on arn:aws:kinesis:*:*:stream/clicks``.
        hidden: ``database`` or ``database.table`` patterns that Lake Formation doesn't let it see: listings leave them
            out without a word, asking by name is refused.
        session_token: Must come with every request when set.
        expires: Epoch seconds after which the session token is refused.
        role: ARN of the role that it is a session of.
        source_identity: Who it was in the first place; stays with all roles that it assumes.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    account: str
    name: str
    actions: frozenset[str] = frozenset()
    hidden: tuple[str, ...] = ()
    session_token: str | None = field(default=None, repr=False)
    expires: float | None = None
    role: str | None = None
    source_identity: str | None = None

    @property
    def user_id(self) -> str:
        """As ``GetCallerIdentity`` names it: one id for all sessions of a role, and their names."""
        if self.session_token is None:
            return _unique_id("AIDA", self.arn)
        role, _, session = self.name.partition("/")
        return f"{_unique_id('AROA', f'{self.account}/{role}')}:{session}"

    @property
    def arn(self) -> str:
        """As ``GetCallerIdentity`` and AWS's refusals name it."""
        if self.session_token is None:
            return f"arn:aws:iam::{self.account}:user/{self.name}"
        return f"arn:aws:sts::{self.account}:assumed-role/{self.name}"

    def may(self, action: str, resource: str = "*") -> bool:
        """Whether an action is granted; IAM compares actions without regard to case."""
        grants = [granted.partition(" on ") for granted in self.actions]
        return any(
            fnmatchcase(action.lower(), granted.lower()) and (not where or fnmatchcase(resource, where))
            for granted, _, where in grants
        )

    def sees(self, database: str, table: str | None = None) -> bool:
        """Whether Lake Formation shows it a database or table."""
        names = [database] if table is None else [database, f"{database}.{table}"]
        return not any(fnmatchcase(name, pattern) for name in names for pattern in self.hidden)

    def require(self, action: str, resource: str) -> None:
        """Refuse an action that was not granted.

        Raises:
            Refusal: ``AccessDeniedException`` in AWS's words; services with another code translate it.
        """
        if not self.may(action, resource):
            raise access_denied(self, action, resource)


def access_denied(principal: Principal, action: str, resource: str, policy: str = "identity") -> Refusal:
    """AWS's words for an action that no policy allows."""
    return Refusal(
        "AccessDeniedException",
        f"User: {principal.arn} is not authorized to perform: {action} on resource: {resource} "
        f"because no {policy}-based policy allows the {action} action",
    )


@dataclass(frozen=True)
class Role:
    """A role that may be assumed, and its trust policy.

    Attributes:
        account: Twelve digits.
        name: Role name.
        actions: What its sessions are granted.
        trusted: Patterns of the ARNs of users, of sessions and of the roles that these are of; or an account's
            ``arn:aws:iam::123456789012:root``, which leaves it to the policies of that account.
        external_id: Must be given when set.
        hidden: As of ``Principal``.
        source_identities: Patterns of those that the trust policy lets callers set (``sts:SetSourceIdentity``).
        longest_session: ``MaxSessionDuration``, seconds.
    """

    account: str
    name: str
    actions: frozenset[str]
    trusted: tuple[str, ...] = ("*",)
    external_id: str | None = None
    hidden: tuple[str, ...] = ()
    source_identities: tuple[str, ...] = ()
    longest_session: int = 3600

    @property
    def arn(self) -> str:
        """As recipes name it (``assumeRoleArn``)."""
        return f"arn:aws:iam::{self.account}:role/{self.name}"

    def admits(self, caller: Principal, action: str) -> bool:
        """Whether trust policy and the caller's own permissions let it act on this role.

        A trust policy that names the caller is enough within an account; another account, or one that trusts the
        caller's account as a whole, needs the caller's own policy to allow it too.
        """
        names = [caller.arn, *([caller.role] if caller.role else [])]
        named = any(fnmatchcase(name, pattern) for name in names for pattern in self.trusted)
        if named and caller.account == self.account:
            return True
        account_trusted = f"arn:aws:iam::{caller.account}:root" in self.trusted
        return (named or account_trusted) and caller.may(action, self.arn)


class Identities:
    """All principals and roles of a sandbox.

    Args:
        clock: Epoch seconds; tests hand in their own to let sessions expire.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self._lock = threading.Lock()
        self._principals: dict[str, Principal] = {}
        self._roles: dict[str, Role] = {}

    def add_principal(
        self,
        name: str,
        actions: Iterable[str],
        *,
        account: str,
        hidden: Iterable[str] = (),
        session_seconds: float | None = None,
    ) -> Principal:
        """Make a user, or with ``session_seconds`` a session that ends; the keys are random."""
        session = session_seconds is not None
        principal = Principal(
            access_key_id=("ASIA" if session else "AKIA") + secrets.token_hex(8).upper(),
            secret_access_key=secrets.token_urlsafe(30),
            account=account,
            name=name,
            actions=frozenset(actions),
            hidden=tuple(hidden),
            session_token=secrets.token_urlsafe(90) if session else None,
            expires=None if session_seconds is None else self.clock() + session_seconds,
        )
        with self._lock:
            self._principals[principal.access_key_id] = principal
        return principal

    def open_session(self, role: Role, name: str, seconds: int, source_identity: str | None) -> Principal:
        """Make a session of a role."""
        made = self.add_principal(
            f"{role.name}/{name}", role.actions, account=role.account, hidden=role.hidden, session_seconds=seconds
        )
        session = replace(made, role=role.arn, source_identity=source_identity)
        with self._lock:
            self._principals[session.access_key_id] = session
        return session

    def add_role(self, role: Role) -> Role:
        """Make a role known to ``AssumeRole``."""
        with self._lock:
            self._roles[role.arn] = role
        return role

    def role(self, arn: str) -> Role | None:
        """The role of an ARN, if there is one."""
        with self._lock:
            return self._roles.get(arn)

    def principal(self, access_key_id: str) -> Principal | None:
        """The holder of an access key, if there is one."""
        with self._lock:
            return self._principals.get(access_key_id)

    def revoke(self, principal: Principal) -> None:
        """Make an access key unknown."""
        with self._lock:
            del self._principals[principal.access_key_id]


def _unique_id(prefix: str, name: str) -> str:
    return prefix + hashlib.sha256(name.encode()).hexdigest()[:17].upper()
