"""What the address of a repository means to a recipe that may have a token for some."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import quote

from ingest_assets.errors import RecipeError
from ingest_assets.sources.git.addresses import Address, parse, web_of
from ingest_assets.sources.git.anywhere import GitRepository
from ingest_assets.sources.git.files import Repository
from ingest_assets.sources.git.github import GitHubRepository
from ingest_assets.sources.git.hosts import Hosting, hosting_of
from ingest_assets.sources.git.reading import Reading


@dataclass(frozen=True)
class Credentials:
    """Whose repositories a recipe may read.

    Attributes:
        host: Where people see them, e.g. ``https://gitlab.com``.
        owner: User, organization or group; those of others on the same host are not meant.
        token: None: only public ones.
        user: Who the token belongs to; None: what the host wants there.
        hosting: Who hosts them; None: whom the host's name tells.
    """

    host: str
    owner: str
    token: str | None = field(default=None, repr=False)
    user: str | None = None
    hosting: Hosting | None = None


def repository_of(url: str, ref: str | None, reading: Reading, own: Credentials | None = None) -> Repository:
    """The repository at an address that a recipe or a file of a repository names.

    GitHub's are read by its API, whatever form the address has: who may clone with a key of SSH can make a token, and
    the key of the user that runs this is nothing that another's file may make use of there. Folders of this machine
    are never meant, as the file may be anybody's.

    Args:
        url: E.g. ``https://github.com/owner/name`` or ``git@gitlab.com:group/name.git``.
        ref: Branch, tag or commit; None: the default branch.
        reading: Calls, cache, patience and limits.
        own: What the recipe knows; its token goes only where host and owner are the same.

    Raises:
        RecipeError: It is no address of a repository on another machine.
    """
    address = _as_read(parse(_encrypted(url)))
    host = parse(f"{web_of(own.host)}/any/any") if own is not None else None
    is_ours = host is not None and _is_same_host(address, host)
    if address.scheme == "file":
        raise RecipeError("a repository that is named by another one can't be a folder of this machine.")
    if address.scheme == "http" and not is_ours:
        raise RecipeError(f"{address.url} is not read without encryption: write https:// instead of http://.")
    web = host.web if host is not None and is_ours else address.web
    hosting = hosting_of(address.host)
    if own is not None and is_ours and own.hosting is not None and hosting is not Hosting.AZURE:
        hosting = own.hosting
    token, user = address.password, address.user
    if own is not None and is_ours and token is None and _owner(own.owner) == _owner(address.owner):
        token, user = own.token, own.user
    if hosting is Hosting.GITHUB:
        return GitHubRepository(address.owner, address.name, reading, token=token, host=web, ref=ref)
    # A token is for HTTPS; an address for SSH names the same repository.
    read = address.url if token is None else f"{web}/{quote(address.path.strip('/'))}"
    return GitRepository(read, reading, token=token, user=user, ref=ref, hosting=hosting)


def repository_at(
    url: str, ref: str | None, reading: Reading, token: str | None = None, user: str | None = None
) -> Repository:
    """The repository at an address that the recipe itself gives: also a folder, and over SSH where it has no token.

    Args:
        url: As for ``repository_of``, or ``file:///folder``.
        ref: Branch, tag or commit; None: the default branch.
        reading: Calls, cache, patience and limits.
        token: For that address.
        user: Who it belongs to; None: what the host wants there.

    Raises:
        RecipeError: It is no address of a repository.
    """
    address = parse(url)
    if address.scheme == "file" or (address.scheme == "ssh" and token is None):
        return GitRepository(url, reading, ref=ref)
    return repository_of(url, ref, reading, Credentials(address.web, address.owner, token, user))


def _encrypted(url: str) -> str:
    """``git://`` as ``https://``: what is old names it, GitHub has given it up, and it tells nobody who answers."""
    return f"https://{url[6:]}" if url.lower().startswith("git://") else url


def _as_read(address: Address) -> Address:
    """With Azure's own part of the path, which recipes leave out as they know only owner and name."""
    if hosting_of(address.host) is not Hosting.AZURE or "_git" in address.path.split("/"):
        return address
    return replace(address, path=f"{address.owner}/_git/{address.name}")


def _owner(name: str) -> str:
    return name.strip("/").removesuffix("/_git").lower()


def _is_same_host(address: Address, own: Address) -> bool:
    """Whether an address is of a host; over SSH the port is another anyway, and the token does not go there."""
    if address.scheme == "ssh":
        return address.host == own.host
    return address.origin == own.origin
