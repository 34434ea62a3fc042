"""Addresses of repositories as people write them, and what of them may be handed to the git program.

Git takes much for an address that runs a program (``ext::``, ``-oProxyCommand``); only the forms below are known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

from ingest_assets.errors import RecipeError

_SCP = re.compile(r"(?:(?P<user>[^@:/\s]+)@)?(?P<host>[^@:/\s]+):(?P<path>[^:\s].*)")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*")
_USER = re.compile(r"[A-Za-z0-9._~][A-Za-z0-9._~+@-]*")
_SCHEMES = ("https", "http", "ssh", "file")
_REF = re.compile(r"(?![-/.])(?!.*(?:\.\.|//|@\{|/\.|\.lock(?:/|$)))[^\x00-\x20\x7f~^:?*\[\\]+(?<![/.])")
_FORMS = "Known forms are https://host/owner/name.git, ssh://git@host/owner/name.git, git@host:owner/name.git, file:///folder."


@dataclass(frozen=True)
class Address:
    """Where a repository is.

    Attributes:
        scheme: ``https``, ``http``, ``ssh`` or ``file``.
        host: In lower case; empty for a file.
        port: None: the scheme's own.
        path: Without a slash at its beginning, unless it is a file's.
        user: Who reads; None where the address does not say.
        password: Given within the address.
        is_scp: Whether it was written ``user@host:path``.
    """

    scheme: str
    host: str
    port: int | None
    path: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    is_scp: bool = False

    @property
    def origin(self) -> str:
        """Scheme, host and port, as git compares them with whom a password is for."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + (f":{self.port}" if self.port else "")

    @property
    def url(self) -> str:
        """For git and for people: without a password, and with a user only where SSH needs one."""
        path = quote(self.path, safe="/~+,@=")
        if self.scheme == "file":
            return f"file://{path}"
        user = f"{self.user}@" if self.user and self.scheme == "ssh" else ""
        if self.is_scp:
            return f"{user}{self.host}:{self.path}"
        scheme, _, rest = self.origin.partition("://")
        return f"{scheme}://{user}{rest}/{path}"

    @property
    def web(self) -> str:
        """Scheme, host and port of the pages, as far as an address for git tells."""
        if self.scheme == "ssh":
            return f"https://{self.host}"
        return self.origin

    @property
    def owner(self) -> str:
        """What stands before the name: a user, an organization, a group within groups."""
        return self._names[0]

    @property
    def name(self) -> str:
        """The last part, without ``.git``."""
        return self._names[1]

    @property
    def _names(self) -> tuple[str, str]:
        owner, _, name = self.path.strip("/").removesuffix(".git").rpartition("/")
        return owner, name


def parse(url: str) -> Address:
    """The parts of an address.

    Args:
        url: E.g. ``https://gitlab.com/group/name.git`` or ``git@github.com:owner/name.git``.

    Raises:
        RecipeError: It is of no form that is known. The message does not show it: it may hold a password.
    """
    if not url.isprintable() or any(each.isspace() for each in url):
        raise _unknown("it holds blanks or line breaks")
    scheme = url.partition("://")[0].lower() if "://" in url else ""
    address = _with_scheme(url, scheme) if scheme else _scp(url)
    hosted = address.scheme != "file"
    if hosted and not _HOST.fullmatch(address.host):
        raise _unknown("its host is none")
    if address.user is not None and not _USER.fullmatch(address.user):
        raise _unknown("its user is none")
    if not address.path.strip("/") or address.path.startswith("-"):
        raise _unknown("it names no repository")
    return address


def web_of(host: str) -> str:
    """Scheme, host and port of a host's address, which may end with a slash.

    Args:
        host: E.g. ``https://github.com``.

    Raises:
        RecipeError: It is none, or not one of pages.
    """
    if not host.startswith(("https://", "http://")):
        raise RecipeError("the address of a host of repositories begins with https://, e.g. https://github.com.")
    # A user and a password that it might hold would be shown.
    return parse(f"{host}/any/any").web


def checked_ref(ref: str | None) -> str | None:
    """A branch, tag or commit, by git's rules for names.

    Args:
        ref: None: the default branch.

    Raises:
        RecipeError: It can't be one.
    """
    if ref is not None and not _REF.fullmatch(ref):
        raise RecipeError(f"{ref[:80]!r} can't be the name of a branch or tag, nor a commit.")
    return ref


def _with_scheme(url: str, scheme: str) -> Address:
    if scheme not in _SCHEMES:
        raise _unknown(f"{scheme[:20]!r} is not read")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _unknown("its host or port is none") from None
    if parts.query or parts.fragment:
        raise _unknown("it holds a ? or #")
    path = unquote(parts.path)
    if not path.isprintable():
        raise _unknown("its path holds what no path has")
    if scheme == "file":
        if parts.netloc:
            raise _unknown("a file has no host: write file:/// and the path")
        return Address("file", "", None, path)
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    return Address(scheme, (parts.hostname or "").lower(), port, path.lstrip("/"), user, password)


def _scp(url: str) -> Address:
    found = _SCP.fullmatch(url)
    if found is None or "::" in url:
        raise _unknown("it is of another form")
    return Address("ssh", found["host"].lower(), None, found["path"], found["user"], is_scp=True)


def _unknown(what: str) -> RecipeError:
    return RecipeError(f"the address of a git repository can't be used: {what}. {_FORMS}")
