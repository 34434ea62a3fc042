"""Looking up what ``${...}`` stands for, at run time, and keeping secrets out of any text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

from ingest_assets.errors import RecipeError, RemoteError, UnsetVariableError
from ingest_assets.recipe.variables import Reference, Template

BLANK = "***"
_MAX_FILE = 1 << 20
# A shorter secret is blanked only where it stands alone: "on" would take pieces out of every other word.
_SHORT = 6
_KEY_LINE = 20


class Redactor:
    """Blanks known secrets in texts, also where they are escaped as in URLs, JSON and ``repr``."""

    def __init__(self) -> None:
        self._secrets: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None

    def add(self, secret: str) -> None:
        """Makes a secret known; the lines of one with several (a PEM key) as well."""
        lines = (line for line in secret.splitlines() if len(line) >= _KEY_LINE)
        texts = [text for text in (secret.strip(), *lines) if text]
        self._secrets = self._secrets.union(*map(_spellings, texts))
        if self._secrets:
            # Longest first: a secret may begin with another. Replaced as a whole, since threads log meanwhile.
            longest_first = sorted(self._secrets, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(_as_pattern, longest_first)))

    def redact(self, text: str) -> str:
        """The text with each known secret replaced by ``***``."""
        pattern = self._pattern
        return text if pattern is None else pattern.sub(BLANK, text)


class Resolver:
    """Looks references up, each once.

    Args:
        environ: The environment variables.
        read_file: Gives a file's text; raises ``OSError`` or ``UnicodeDecodeError``.
        read_secret: Gives the text of a secret by name or ARN; raises ``RemoteError`` or ``DependencyError``. AWS
            Secrets Manager by default, reached as the environment says.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        read_file: Callable[[str], str] | None = None,
        read_secret: Callable[[str], str] | None = None,
    ) -> None:
        self.redactor = Redactor()
        self._environ = environ
        self._read_file = read_file or _read_file
        self._read_secret = read_secret or self._ask_secrets_manager
        self._known: dict[tuple[str, str], str] = {}
        self._refused: dict[str, RemoteError] = {}

    def text(self, template: Template, where: str) -> str:
        """A template with every reference looked up.

        Args:
            template: The value as it stands in the recipe.
            where: File, line and key, for messages.

        Raises:
            UnsetVariableError: A variable is unset and has no default.
            RecipeError: A file can't be read, or a secret lacks the key that is asked for.
            RemoteError: The secret store refused or failed.
        """
        return "".join(part if isinstance(part, str) else self._look_up(part, where) for part in template.parts)

    def redact(self, text: str) -> str:
        """The text with each known secret replaced by ``***``."""
        return self.redactor.redact(text)

    def _look_up(self, reference: Reference, where: str) -> str:
        if reference.kind == "variable":
            return self._variable(reference, where)
        value = self._file(reference.name, where) if reference.kind == "file" else self._secret(reference, where)
        self.redactor.add(value)
        return value

    def _variable(self, reference: Reference, where: str) -> str:
        value = self._environ.get(reference.name)
        if reference.default is not None:
            return value or self.text(reference.default, where)
        if value is None:
            raise UnsetVariableError(
                f"{where}: the environment variable {reference.name} is not set. Set it, or write "
                f"${{{reference.name}:-default}}."
            )
        return value

    def _file(self, path: str, where: str) -> str:
        if ("file", path) not in self._known:
            try:
                text = self._read_file(path)
            except OSError as error:
                raise RecipeError(f"{where}: {path} can't be read: {error.strerror or error}.") from error
            except UnicodeDecodeError as error:
                raise RecipeError(f"{where}: {path} is not UTF-8 text.") from error
            self._known["file", path] = text.rstrip("\r\n")
        return self._known["file", path]

    def _secret(self, reference: Reference, where: str) -> str:
        name = reference.name
        if ("secret", name) not in self._known:
            try:
                self._known["secret", name] = self._asked_once(name)
            except RemoteError as error:
                advice = f"{error.advice} Asked for by {where}.".strip()
                raise type(error)(error.what, where=error.where, advice=advice, status=error.status) from error
        text = self._known["secret", name]
        if reference.json_key is None:
            return text
        self.redactor.add(text)
        return _value_of(text, reference, where)

    def _asked_once(self, name: str) -> str:
        """A secret's text. What was refused is not asked for again: each time may take as long as the first one."""
        if name in self._refused:
            raise self._refused[name]
        try:
            return self._read_secret(name)
        except RemoteError as error:
            self._refused[name] = error
            raise

    def _ask_secrets_manager(self, name: str) -> str:
        # Loading definitions must not import boto3, and few recipes need it here.
        from ingest_assets.recipe.secrets_manager import SecretsManager  # noqa: PLC0415

        return SecretsManager(self._environ).read(name)


def _value_of(text: str, reference: Reference, where: str) -> str:
    try:
        values = json.loads(text)
    except ValueError:
        # The chain would show the secret's text.
        raise RecipeError(
            f"{where}: the secret {reference.name} is no JSON; leave #{reference.json_key} out."
        ) from None
    if not isinstance(values, dict) or reference.json_key not in values:
        raise RecipeError(f"{where}: the secret {reference.name} has no key {reference.json_key}.")
    value = values[reference.json_key]
    return value if isinstance(value, str) else json.dumps(value)


def _read_file(path: str) -> str:
    with Path(path).open("rb") as file:
        content = file.read(_MAX_FILE + 1)
    if len(content) > _MAX_FILE:
        raise OSError(f"more than {_MAX_FILE} bytes; not a secret")
    return content.decode("utf-8")


def _spellings(secret: str) -> set[str]:
    # A variable that is not UTF-8 holds halves of surrogate pairs, which nothing encodes by itself.
    content = secret.encode("utf-8", "surrogatepass")
    quoted = (json.dumps(secret), json.dumps(secret, ensure_ascii=False), repr(secret))
    # A header that can't be sent is quoted as bytes in either encoding.
    as_bytes = (content, secret.encode("latin-1", "backslashreplace"))
    escaped = {*(text[1:-1] for text in quoted), *(repr(each)[2:-1] for each in as_bytes)}
    return {secret, quote(content, safe=""), quote(content), quote_plus(content), *escaped}


def _as_pattern(secret: str) -> str:
    pattern = re.escape(secret)
    return rf"(?<!\w){pattern}(?!\w)" if len(secret) < _SHORT else pattern
