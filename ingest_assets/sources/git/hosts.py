"""The hosts of repositories: where their APIs are, whom they take a token from, and how they show files to people."""

from __future__ import annotations

from enum import Enum
from urllib.parse import quote, urlsplit


class Hosting(Enum):
    """Who hosts a repository; ``OTHER``: somebody whose pages and tokens are not known."""

    GITHUB = "GitHub"
    GITLAB = "GitLab"
    BITBUCKET = "Bitbucket"
    AZURE = "Azure DevOps"
    OTHER = "another"


USERS = {
    Hosting.GITHUB: "x-access-token",
    Hosting.GITLAB: "oauth2",
    Hosting.BITBUCKET: "x-token-auth",
    Hosting.AZURE: "git",  # any name goes
    Hosting.OTHER: "git",
}
"""Whose password a token is, for git over HTTPS."""


def hosting_of(host: str) -> Hosting:
    """Who hosts what lies on a host, as far as its name tells.

    Args:
        host: Its name, without a port.
    """
    name = host.lower()
    if name == "github.com" or name.endswith(".ghe.com") or name.startswith("github."):
        return Hosting.GITHUB
    if name == "gitlab.com" or name.startswith("gitlab."):
        return Hosting.GITLAB
    if name == "dev.azure.com" or name.endswith(".visualstudio.com"):
        return Hosting.AZURE
    # Bitbucket Server shows files at other addresses than Bitbucket's cloud, and takes other tokens.
    return Hosting.BITBUCKET if name == "bitbucket.org" else Hosting.OTHER


def api_of(host: str) -> str:
    """Where the API of a GitHub is.

    Args:
        host: Its address for people, without a slash at its end.
    """
    parts = urlsplit(host)
    if parts.netloc.lower() in ("github.com", "www.github.com"):
        return "https://api.github.com"
    if parts.netloc.lower().endswith(".ghe.com"):
        return f"{parts.scheme}://api.{parts.netloc}"
    return f"{host}/api/v3"


def page_of(hosting: Hosting, repository: str, ref: str | None, path: str, line: int | None) -> str:
    """The page of a file.

    Args:
        hosting: Not ``OTHER``.
        repository: The repository's address for people, without a slash at its end.
        ref: Branch, tag or commit; None: the default branch.
        path: From the repository's root.
        line: From 1.
    """
    if hosting is Hosting.AZURE:
        shown = f"{repository}?path={quote('/' + path, safe='')}"
        version = f"&version=GB{quote(ref, safe='')}" if ref else ""
        place = f"&line={line}&lineEnd={line + 1}&lineStartColumn=1&lineEndColumn=1" if line else ""
        return shown + version + place
    folder, mark = {
        Hosting.GITHUB: ("blob", "#L"),
        Hosting.GITLAB: ("-/blob", "#L"),
        Hosting.BITBUCKET: ("src", "#lines-"),
    }[hosting]
    address = f"{repository}/{folder}/{quote(ref or 'HEAD', safe='/')}/{quote(path, safe='/')}"
    return f"{address}{mark}{line}" if line else address
