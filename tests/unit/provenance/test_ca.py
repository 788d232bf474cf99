import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from facsimile.errors import UserError
from facsimile.provenance.ca import CHAIN, KEY, ROOT, authority, credentials, home


def certificates(found):
    return x509.load_pem_x509_certificates(found.chain.encode())


def test_home_is_where_the_environment_says(own_home):
    assert home() == own_home


def test_made_once_and_private(own_home):
    first = credentials()
    assert credentials() == first
    assert stat.S_IMODE((own_home / "ca" / KEY).stat().st_mode) == 0o600
    assert stat.S_IMODE((own_home / "ca").stat().st_mode) == 0o700


def test_the_chain_holds():
    leaf, root = certificates(credentials())
    leaf.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.EMAIL_PROTECTION]
    constraints = leaf.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert not constraints.ca


def test_the_key_belongs_to_the_leaf():
    found = credentials()
    key = load_pem_private_key(found.key.encode(), None)
    assert key.public_key() == certificates(found)[0].public_key()


def test_two_at_once_get_the_same(own_home):
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: credentials(), range(8)))) == 1
    assert [path.name for path in own_home.iterdir()] == ["ca"]


@pytest.mark.parametrize("name", [KEY, CHAIN])
def test_half_a_folder_is_told(own_home, name):
    credentials()
    (own_home / "ca" / name).unlink()
    with pytest.raises(UserError, match="Remove"):
        credentials()


def test_the_authority_is_read_and_never_made(own_home):
    assert authority() is None
    assert not own_home.exists()
    found = credentials()
    assert certificates(found)[1] == x509.load_pem_x509_certificate(authority().encode())


def test_a_broken_authority_is_told(own_home):
    credentials()
    (own_home / "ca" / ROOT).write_text("no certificate")
    with pytest.raises(UserError, match=r"ca\.pem is no certificate"):
        authority()
