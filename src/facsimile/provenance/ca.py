"""The certificates this machine signs with, of an authority of its own made on first use."""

import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from facsimile.errors import UserError

CHAIN, KEY, ROOT = "chain.pem", "signing.key", "ca.pem"
CA_LIFE, LEAF_LIFE = timedelta(days=3650), timedelta(days=3640)


@dataclass(frozen=True)
class Credentials:
    """What signs: a PEM chain (leaf first, then its authority) and the leaf's private key."""

    chain: str
    key: str


def home() -> Path:
    """Return the user's folder for keys, outside any repository: FACSIMILE_HOME or ~/.facsimile."""
    return Path(os.environ.get("FACSIMILE_HOME") or Path.home() / ".facsimile")


def credentials(folder: Path | None = None) -> Credentials:
    """Return the signing certificate and key, making authority and certificate on first use.

    The authority's own key is thrown away once it has signed: nobody can issue a second
    certificate in its name.

    Raises:
        UserError: the folder holds only a part of them, cannot be written, or they have expired.
    """
    folder = folder or home() / "ca"
    if not folder.exists():
        _make(folder)
    try:
        found = Credentials((folder / CHAIN).read_text(), (folder / KEY).read_text())
        expires = x509.load_pem_x509_certificate(found.chain.encode()).not_valid_after_utc
    except (OSError, ValueError) as error:
        raise UserError(f"no signing key: {error}. Remove {folder} for a new one") from error
    if expires < datetime.now(UTC):
        raise UserError(f"the signing certificate expired on {expires:%Y-%m-%d}: remove {folder}")
    return found


def authority(folder: Path | None = None) -> str | None:
    """Return this machine's own authority as a PEM certificate, None where it never signed.

    Raises:
        UserError: the certificate cannot be read.
    """
    path = (folder or home() / "ca") / ROOT
    if not path.exists():
        return None
    try:
        text = path.read_text()
        x509.load_pem_x509_certificate(text.encode())
    except (OSError, ValueError) as error:
        raise UserError(f"{path} is no certificate: {error}. Remove {path.parent}") from error
    return text


def _make(folder: Path) -> None:
    now = datetime.now(UTC) - timedelta(minutes=5)  # clocks differ
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _root(root_key, now)
    leaf = _leaf(key.public_key(), root, root_key, now)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".ca-", dir=folder.parent))
        _write_private(made / KEY, _pem(key))
        (made / CHAIN).write_bytes(_certificate(leaf) + _certificate(root))
        (made / ROOT).write_bytes(_certificate(root))
        _publish(made, folder)
    except OSError as error:
        raise UserError(f"cannot keep a signing key in {folder}: {error}") from error


def _publish(made: Path, folder: Path) -> None:
    try:
        made.rename(folder)
    except OSError:
        shutil.rmtree(made)
        if not (folder / KEY).exists():  # else another process was first, and its key is as good
            raise


def _root(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = _name("facsimile local authority")
    public = key.public_key()
    return (
        _builder(name, name, public, now, CA_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )


def _leaf(
    public: ec.EllipticCurvePublicKey,
    root: x509.Certificate,
    root_key: ec.EllipticCurvePrivateKey,
    now: datetime,
) -> x509.Certificate:
    # C2PA asks for exactly this: no CA, digitalSignature, and an extended use such as e-mail.
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    return (
        _builder(_name("facsimile signer"), root.subject, public, now, LEAF_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=True)
        .add_extension(issuer, critical=False)
        .sign(root_key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    now: datetime,
    life: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "facsimile (local, untrusted)"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _key_usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _certificate(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write_private(path: Path, content: bytes) -> None:
    # Never readable by others, not even for the moment before a chmod.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
