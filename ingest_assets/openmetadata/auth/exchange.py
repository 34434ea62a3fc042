"""The HTTP of sign-on: what the libraries send goes through one session that knows timeouts, authorities and refusals.

Identity providers are not the OpenMetadata server: the recipe's extra headers don't go there, and their certificates
are always checked, by the usual authorities and by the recipe's own.
"""

from __future__ import annotations

import ssl
from collections.abc import Collection
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import LocationParseError
from urllib3.util.ssl_ import create_urllib3_context

from ingest_assets.calls import Calls
from ingest_assets.errors import RecipeError, RemoteError, UnavailableError
from ingest_assets.openmetadata.answers import retry_after
from ingest_assets.openmetadata.auth.keys import HOST_PORT, Keys
from ingest_assets.openmetadata.auth.refusals import error_of
from ingest_assets.openmetadata.failures import trouble_of

_TIMEOUTS = (10.0, 60.0)  # seconds to connect, and between two bytes
_SHORTEST = 0.1
_CA_ADVICE = (
    "Name the file of the authority that signed it in sslConfig.caCertificate, or in the variable REQUESTS_CA_BUNDLE."
)


class _Unsigned(requests.auth.AuthBase):
    """Adds nothing, and so keeps a ``.netrc`` from adding credentials of its own."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class _TrustingAdapter(HTTPAdapter):
    """Trusts an authority besides the usual ones: where a company signs its own, its provider may be anywhere."""

    def __init__(self, ca_file: str) -> None:
        self._context = create_urllib3_context()
        is_folder = Path(ca_file).is_dir()
        try:
            self._context.load_verify_locations(*((None, ca_file) if is_folder else (ca_file,)))
        except (OSError, ssl.SSLError) as error:
            raise RecipeError(
                f"sslConfig.caCertificate: {ca_file} holds no certificate ({type(error).__name__})."
            ) from error
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        return super().proxy_manager_for(*args, ssl_context=self._context, **kwargs)


class TokenSession(requests.Session):
    """Sends what a library wants sent, and hands it nothing but JSON objects that are no errors.

    Proxies are those of the environment (HTTPS_PROXY, NO_PROXY), as for all requests.

    Args:
        keys: The recipe's words.
        calls: Counts requests, and knows the run's deadline.
        secrets: What must not get into a message.
        ca_file: An authority that is trusted besides the usual ones.

    Raises:
        RecipeError: The file holds no certificate.
    """

    def __init__(self, keys: Keys, calls: Calls, secrets: Collection[str] = (), ca_file: str | None = None) -> None:
        super().__init__()
        self.auth = _Unsigned()
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._keys = keys
        self._calls = calls
        self._secrets = [text for secret in secrets if secret for text in (secret, quote_plus(secret))]
        if ca_file is not None:
            self.mount("https://", _TrustingAdapter(ca_file))

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send one request.

        Raises:
            AuthenticationError: The provider refuses.
            RemoteError: It can't be reached, or answers what can't be used.
            DeadlineExceededError: The run's time is over.
        """
        address = str(request.url).partition("?")[0]
        where = f"sign-on by {self._keys.provider} at {address}"
        self._calls.begin(f"sign-on {self._keys.provider}")
        kwargs |= {"timeout": self._timeouts(), "allow_redirects": False}
        try:
            response = super().send(request, **kwargs)
        except (requests.RequestException, LocationParseError) as error:
            raise self._unreached(error, address, where) from error
        refusal = error_of(response.status_code, response.content, self._keys, where, self._secrets)
        if refusal is None:
            return response
        if isinstance(refusal, UnavailableError):
            refusal.wait = retry_after(response.headers.get("Retry-After"))
        raise refusal

    def _timeouts(self) -> tuple[float, float]:
        remaining = self._calls.remaining()
        connect, answer = _TIMEOUTS
        if remaining is None:
            return connect, answer
        remaining = max(remaining, _SHORTEST)
        return min(connect, remaining), min(answer, remaining)

    def _unreached(
        self, error: requests.RequestException | LocationParseError, address: str, where: str
    ) -> RemoteError:
        found = trouble_of(error, where=f"POST {address}").error
        advice = f"Check {self._keys.named(self._keys.address)}, and whether it can be reached from here."
        if isinstance(error, requests.exceptions.SSLError):
            advice = f"{advice} {_CA_ADVICE}"
        if self._keys.address == HOST_PORT or isinstance(error, requests.exceptions.ProxyError):
            advice = found.advice
        return type(found)(found.what, where=where, advice=advice)


def sso_missing(error: ModuleNotFoundError, provider: str) -> str:
    """What to say when a library of the extra is not installed."""
    return f"authProvider: {provider} needs {error.name}: pip install 'ingest_assets[sso]'"
