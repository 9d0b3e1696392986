"""Certificates with the faults that certificates have, made when a test needs them."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Certificate = Literal["good", "expired", "wrong_name", "untrusted"]
"""`untrusted` is signed by an authority whose certificate nobody is given."""

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Authority:
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


class Certificates:
    """An authority with the server certificates it signed; `ca_pem` is what a client has to trust."""

    def __init__(self) -> None:
        self._authority = _authority("Patchbay test authority")
        self._stranger = _authority("Stranger")
        self.ca_pem = self._authority.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def context(self, certificate: Certificate) -> ssl.SSLContext:
        """What a server needs to show this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "server.pem"
            path.write_bytes(self._server_pem(certificate))
            context.load_cert_chain(path)
        return context

    def _server_pem(self, certificate: Certificate) -> bytes:
        key = ec.generate_private_key(ec.SECP256R1())
        authority = self._stranger if certificate == "untrusted" else self._authority
        until = dt.datetime.now(dt.UTC) + (-_DAY if certificate == "expired" else _DAY)
        names: list[x509.GeneralName] = [x509.DNSName("elsewhere.test")]
        if certificate != "wrong_name":
            addresses = (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))
            names = [x509.DNSName("localhost"), *(x509.IPAddress(address) for address in addresses)]
        builder = (
            _builder("upstream", authority.certificate.subject, key, until)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False
            )
        )
        signed = builder.sign(authority.key, hashes.SHA256())
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return private + signed.public_bytes(serialization.Encoding.PEM)


def _authority(name: str) -> _Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    until = dt.datetime.now(dt.UTC) + 10 * _DAY
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        _builder(name, _name(name), key, until)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(usage, critical=True)
    )
    return _Authority(key, builder.sign(key, hashes.SHA256()))


def _builder(
    name: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, until: dt.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - 20 * _DAY)
        .not_valid_after(until)
    )


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
