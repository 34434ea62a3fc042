"""Addresses of repositories, of which any may come from a file that anybody wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.errors import RecipeError
from ingest_assets.sources.git.addresses import parse
from ingest_assets.sources.git.hosts import Hosting, api_of, hosting_of

pieces = st.sampled_from(
    ["https://", "ssh://", "file://", "http", "ext::", "-", "git@", "host", ":", "/", ".", "..", "%2d", "%0a", "[", "]",
     "@", "::1", "?", "#", " ", "\\", "a", "~", "+", ":22", "é", "%"]
)  # fmt: skip


@given(st.lists(pieces, max_size=9).map("".join) | st.text(max_size=30))
def test_whatever_is_taken_for_an_address_is_one_to_git_too(text: str) -> None:
    try:
        address = parse(text)
    except RecipeError:
        return
    url = address.url
    assert url.isprintable()
    assert not url.startswith("-")
    assert not address.host.startswith("-")
    assert not (address.user or "").startswith("-")
    scheme, colons, _ = url.partition("://")
    assert scheme in ("https", "http", "ssh", "file") if colons else "::" not in url
    again = parse(url)
    assert (again.scheme, again.host, again.port, again.path) == (
        address.scheme,
        address.host,
        address.port,
        address.path,
    )


@given(secret=st.text(st.characters(categories=["L", "N"], max_codepoint=127), min_size=8, max_size=20))
def test_a_password_within_an_address_is_shown_nowhere(secret: str) -> None:
    address = parse(f"https://somebody:{secret}@host.example:8443/group/zz.git")
    assert address.password == secret
    assert secret not in f"{address!r} {address.url} {address.web} {address.origin}"
    for wrong in (f"https://u:{secret}@ho st/r", f"https://u:{secret}@host:x/r", f"ftp://u:{secret}@host/r"):
        with pytest.raises(RecipeError) as refused:
            parse(wrong)
        assert secret not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://github.com/o/r", ("https", "github.com", None, "o", "r")),
        ("git@GitHub.com:o/r.git", ("ssh", "github.com", None, "o", "r")),
        ("ssh://git@host.example:7999/group/sub/r.git/", ("ssh", "host.example", 7999, "group/sub", "r")),
        ("https://dev.azure.com/org/project/_git/r", ("https", "dev.azure.com", None, "org/project/_git", "r")),
        ("file:///srv/git/r.git", ("file", "", None, "srv/git", "r")),
        ("http://[::1]:8080/o/r", ("http", "::1", 8080, "o", "r")),
    ],
)
def test_the_parts_of_an_address_are_told(url: str, parts: tuple[object, ...]) -> None:
    address = parse(url)
    assert (address.scheme, address.host, address.port, address.owner, address.name) == parts


def test_hosts_are_known_by_their_names() -> None:
    known = {
        "github.com": Hosting.GITHUB,
        "norrpost.ghe.com": Hosting.GITHUB,
        "gitlab.com": Hosting.GITLAB,
        "gitlab.norrpost.example": Hosting.GITLAB,
        "bitbucket.org": Hosting.BITBUCKET,
        "notgithub.com": Hosting.OTHER,
        "bitbucket.norrpost.example": Hosting.OTHER,
    }
    assert {host: hosting_of(host) for host in known} == known
    assert api_of("https://github.com") == "https://api.github.com"
    assert api_of("https://norrpost.ghe.com") == "https://api.norrpost.ghe.com"
    assert api_of("https://git.norrpost.example:8443") == "https://git.norrpost.example:8443/api/v3"
