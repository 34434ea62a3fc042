"""A sandbox with its identity providers, by plain HTTP and by TLS, for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest_assets.sandbox.secure import SecureFront
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sign_on.ways import SignOns


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Sandbox, SecureFront]]:
    with Sandbox() as sandbox, SecureFront(sandbox) as front:
        yield sandbox, front
        assert not list(sandbox.crashes)


@pytest.fixture
def ways(served: tuple[Sandbox, SecureFront], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SignOns:
    """Nothing asked yet, every token known, the directory as it was, and no proxy or authority from outside."""
    sandbox, front = served
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    sandbox.identity.reset_counts()
    sandbox.openmetadata.reset_counts()
    return SignOns(sandbox, front, tmp_path)


@pytest.fixture
def outside(ways: SignOns, monkeypatch: pytest.MonkeyPatch) -> SignOns:
    """As in a company: providers by their real names, through its proxy, with certificates of its own authority."""
    monkeypatch.setenv("HTTPS_PROXY", ways.front.proxy_url)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", ways.front.ca_file)
    return ways
