"""Who signs a session's requests, and the clients that do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal
from urllib.parse import urlsplit

import boto3
from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import CredentialProvider, CredentialResolver, Credentials
from botocore.exceptions import UnknownRegionError
from botocore.loaders import Loader, create_loader
from botocore.session import Session

from ingest_assets.errors import AuthenticationError
from ingest_assets.sources.aws_credentials import AwsCredentials, FoundKeys, RoleKeys
from ingest_assets.sources.aws_regions import partition_by_name

_FOUND_ARE_OVER = (
    "Renew what the AWS SDK finds by itself (aws sso login, the profile's keys, the variables AWS_...) and run again."
)
_GIVEN_ARE_OVER = "Get new credentials (awsAccessKeyId, awsSecretAccessKey, awsSessionToken) and run again."


@dataclass(frozen=True)
class Transport:
    """How requests are sent.

    Attributes:
        threads: Requests of a client that may be under way at once.
        connect_timeout: Seconds.
        read_timeout: Seconds.
        attempts: How often a request is sent at most, the first time included.
        endpoints: Addresses in place of a service's own, by service.
        region: The one that those addresses are meant for.
        loader: What botocore knows of services; it takes long to read, and all principals share it.
    """

    threads: int
    connect_timeout: float
    read_timeout: float
    attempts: int
    endpoints: Mapping[str, str]
    region: str
    loader: Loader = field(default_factory=create_loader, repr=False)

    def config(self) -> Config:
        """The same in botocore's words."""
        # The adaptive mode delays what comes after a refusal, too: who asks but once waits for nothing.
        mode: Literal["adaptive", "standard"] = "adaptive" if self.attempts > 1 else "standard"
        return Config(
            connect_timeout=self.connect_timeout,
            read_timeout=self.read_timeout,
            max_pool_connections=self.threads,
            retries={"mode": mode, "total_max_attempts": self.attempts},
            tcp_keepalive=True,
        )

    def endpoint(self, service: str, region: str) -> str | None:
        """Address of a service; one that names its region is no good for another."""
        address = self.endpoints.get(service)
        if address is None or region == self.region:
            return address
        host = urlsplit(address).hostname or ""
        return None if self.region in host else address


class Principal:
    """One holder of keys: the recipe's own, or a role. Safe to share among threads.

    Args:
        keys: What signs.
        profile: Of the shared files, for settings besides keys (authorities, endpoints).
        transport: How requests are sent.
        account: Twelve digits, where they are known without a call; else empty.
        check: Raises ``AuthenticationError`` about keys that can't be some, before the first client is made.

    Attributes:
        lock: For what is asked once for the principal.
        account_id: Twelve digits, once they were asked for.
        roles: Those that it assumed, by ARN and external id. As many as the recipe names.
    """

    def __init__(
        self,
        keys: FoundKeys | RoleKeys,
        profile: str | None,
        transport: Transport,
        account: str = "",
        check: Callable[[], object] = lambda: None,
    ) -> None:
        self.keys = keys
        self.account = account
        self.account_id: str | None = None
        self.lock = threading.Lock()
        self.roles: dict[tuple[str, str | None], Principal] = {}
        self._profile = profile
        self._transport = transport
        self._check = check
        # boto3 sessions are not thread-safe, the clients that they make are.
        self._making = threading.Lock()
        self._boto_session: boto3.Session | None = None
        self._clients: dict[tuple[str, str], BaseClient] = {}

    def client(self, service: str, region: str, hook: Callable[[BaseClient], None]) -> BaseClient:
        """The one client of a service in a region.

        Args:
            service: E.g. ``glue``.
            region: E.g. ``eu-central-1``.
            hook: Called with a client that was just made.
        """
        with self._making:
            if (service, region) not in self._clients:
                made: BaseClient = self._session().client(  # type: ignore[call-overload]  # no literal
                    service,
                    region_name=region,
                    config=self._transport.config(),
                    endpoint_url=self._transport.endpoint(service, region),
                )
                hook(made)
                self._clients[service, region] = made
            return self._clients[service, region]

    def assuming(self, keys: RoleKeys, account: str) -> Principal:
        """The holder of a role that this one assumes."""
        return Principal(keys, self._profile, self._transport, account)

    def partition(self, region: str) -> str:
        """Partition of a region, e.g. ``aws-cn``."""
        with self._making:
            try:
                return self._session().get_partition_for_region(region)
            except UnknownRegionError:
                return partition_by_name(region)

    def _session(self) -> boto3.Session:
        if self._boto_session is None:
            self._check()
            session = Session(profile=self._profile)
            session.register_component("data_loader", self._transport.loader)
            session.register_component("credential_provider", CredentialResolver([_Given(self.keys)]))
            self._boto_session = boto3.Session(botocore_session=session)
        return self._boto_session


class _Given(CredentialProvider):
    """Hands botocore the keys that are here already."""

    METHOD = "ingest-assets"

    def __init__(self, keys: Credentials) -> None:
        super().__init__()
        self._keys = keys

    def load(self) -> Credentials:
        return self._keys


def own_principal(who: AwsCredentials, transport: Transport) -> Principal:
    """The holder of the recipe's keys or its profile, or of what boto3's chain finds."""
    given = any((key or "").strip() for key in (who.access_key_id, who.secret_access_key, who.session_token))
    # A profile that is named besides keys need not exist.
    profile = None if given else who.profile_name

    def find() -> Credentials | None:
        keys = _given_keys(who)
        if keys is not None:
            return keys
        session = Session(profile=profile)
        session.set_config_variable("region", who.region)
        return session.get_credentials()

    advice = _GIVEN_ARE_OVER if given else _FOUND_ARE_OVER
    return Principal(FoundKeys(find, advice), profile, transport, check=partial(_given_keys, who))


def _given_keys(who: AwsCredentials) -> Credentials | None:
    """The keys of the recipe, if it has some.

    Raises:
        AuthenticationError: They are given in part, or can't be keys.
    """
    key_id = _sendable("awsAccessKeyId", who.access_key_id)
    secret = _sendable("awsSecretAccessKey", who.secret_access_key)
    token = _sendable("awsSessionToken", who.session_token)
    if bool(key_id) != bool(secret) or (token and not key_id):
        # boto3 would go on to whatever other credentials the machine has: to another account, perhaps.
        raise AuthenticationError(
            "Only a part of the credentials is set.",
            where="aws:credentials",
            advice="awsAccessKeyId and awsSecretAccessKey go together, awsSessionToken goes with both.",
        )
    return Credentials(key_id, secret, token) if key_id and secret else None


def _sendable(name: str, key: str | None) -> str | None:
    """A key without the line end that a file puts after it. What no header can hold, botocore's errors would quote."""
    text = (key or "").strip()
    if text.isascii() and text.isprintable() and " " not in text:
        return text or None
    what = f"{name} holds a blank, a line break or a character that no key has."
    raise AuthenticationError(what, where="aws:credentials", advice="Was it copied whole?")
