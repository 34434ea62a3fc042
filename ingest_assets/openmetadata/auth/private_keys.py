"""Private keys that sign instead of a secret, as people have them: JWK or PEM, in one line or many."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ingest_assets.errors import RecipeError
from ingest_assets.openmetadata.auth.keys import Keys

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, OKPKey, RSAKey

    PrivateKey = RSAKey | ECKey | OKPKey

_EC_ALGORITHMS = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
_KINDS = frozenset({"RSA", "EC", "OKP"})
_BEGIN = "-----BEGIN"


def private_key(text: str, keys: Keys) -> PrivateKey:
    """A private key written as JWK or PEM.

    Raises:
        RecipeError: It is none, or the public half of one. Nothing of it is shown.
    """
    written = text.strip()
    key = _from_jwk(written) if written.startswith("{") else _from_pem(written)
    if key is None:
        raise RecipeError(f"{keys.named(keys.secret)}: this is no private key, JWK or PEM without a password.")
    if not key.is_private:
        raise RecipeError(f"{keys.named(keys.secret)}: this is the public half of a key; the private one signs.")
    return key


def algorithm_of(key: PrivateKey) -> str:
    """How a key signs: as it says itself, else as is usual for its kind."""
    if key.alg:
        return str(key.alg)
    if key.key_type == "RSA":
        return "RS256"
    return _EC_ALGORITHMS.get(str(key.as_dict(private=False).get("crv")), "EdDSA")


def _from_jwk(text: str) -> PrivateKey | None:
    from joserfc.errors import JoseError  # noqa: PLC0415  # of an extra
    from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key  # noqa: PLC0415

    try:
        data = json.loads(text)
        # A shared secret (oct) is a JWK too, and signs nothing that a provider could verify.
        key = import_key(data) if data.get("kty") in _KINDS else None
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if isinstance(key, RSAKey | ECKey | OKPKey) else None


def _from_pem(text: str) -> PrivateKey | None:
    from joserfc.jwk import ECKey, OKPKey, RSAKey  # noqa: PLC0415  # of an extra

    if not text.startswith(_BEGIN):
        return None
    # A variable of one line, as .env files and CI systems hold it.
    lines = text if "\n" in text else text.replace("\\n", "\n")
    found = (_key_of(kind, lines) for kind in (RSAKey, ECKey, OKPKey))
    return next((key for key in found if key is not None), None)


def _key_of(kind: type[PrivateKey], text: str) -> PrivateKey | None:
    from joserfc.errors import JoseError  # noqa: PLC0415  # of an extra

    try:
        key: PrivateKey = kind.import_key(text)
    except (JoseError, ValueError, TypeError):
        return None
    return key
