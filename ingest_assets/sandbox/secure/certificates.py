"""A certificate authority of the company's own, which no machine knows of, and a certificate that it signs."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_VALID = timedelta(days=2)
_SKEW = timedelta(hours=1)
_LOOPBACK = ipaddress.ip_address("127.0.0.1")


class Certificates(NamedTuple):
    """PEM files.

    Attributes:
        authority: The certificate of the authority, for clients.
        chain: The server's certificate and key.
        client: A certificate for a client.
        client_key: Its key.
    """

    authority: Path
    chain: Path
    client: Path
    client_key: Path


def make_certificates(folder: Path, hosts: Sequence[str]) -> Certificates:
    """An authority, a server's certificate for this machine and some hosts, and a client's, written to a folder."""
    authority_key, key, client_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    issuer = _named("Norrpost internal CA")
    authority = (
        _builder(issuer, issuer, authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_may_sign(), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    names = [x509.IPAddress(_LOOPBACK), *(x509.DNSName(host) for host in ("localhost", *hosts))]
    server = (
        _signed(_named("sandbox"), issuer, key, authority_key)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )
    client = _signed(_named("catalog"), issuer, client_key, authority_key).add_extension(
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
    )
    made = Certificates(*(folder / f"{name}.pem" for name in ("authority", "server", "client", "client-key")))
    made.authority.write_bytes(_pem(authority))
    made.chain.write_bytes(_pem(key) + _pem(server.sign(authority_key, hashes.SHA256())))
    made.client.write_bytes(_pem(client.sign(authority_key, hashes.SHA256())))
    made.client_key.write_bytes(_pem(client_key))
    return made


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(what: x509.Certificate | ec.EllipticCurvePrivateKey) -> bytes:
    if isinstance(what, x509.Certificate):
        return what.public_bytes(serialization.Encoding.PEM)
    return what.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _signed(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    authority_key: ec.EllipticCurvePrivateKey,
) -> x509.CertificateBuilder:
    signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    return _builder(subject, issuer, key.public_key()).add_extension(signer, critical=False)


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + _VALID)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _may_sign() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
