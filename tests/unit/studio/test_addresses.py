import httpx
import pytest

from facsimile.studio.addresses import (
    AddressError,
    checked_url,
    is_public,
    pinned,
    public_addresses,
)

# RFC 6890 and its IPv6 relatives, with what IPv6 can wrap
NOT_PUBLIC = [
    *("127.0.0.1", "127.255.255.254", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("169.254.169.254", "0.0.0.0", "100.64.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1"),
    *("198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1", "fec0::1"),
    *("64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::1"),
    *("2001:0:0:0:0:0:80ff:fffe", "100::1", "192.88.99.1", "not an address", "127.1", "0x7f000001"),
]
PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_what_is_not_public_is_not_reached(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_reached(address):
    assert is_public(address)


@pytest.mark.parametrize("inside", [True, False])
def test_one_address_that_is_not_public_is_enough(inside):
    found = ["93.184.216.34", "10.0.0.1"] if inside else ["93.184.216.34", "8.8.8.8"]
    url = checked_url("https://example.org/a.zip")
    if inside:
        with pytest.raises(AddressError, match="public"):
            public_addresses(url, lambda host, port: found)
    else:
        assert public_addresses(url, lambda host, port: found) == found


@pytest.mark.parametrize(
    "text",
    [
        *(
            "ftp://a/b.zip",
            "file:///etc/passwd",
            "http:///b.zip",
            "https://u:p@a/b.zip",
            "http://a b/",
        ),
        *("https://a:22/b.zip", "http://a:8080/b", "s3://a", "s3://A_b/c.zip", "s3://../c.zip"),
        *("s3://-a-/b", "s3://a..b/c", "http://[::1/a", "https://\0/a", "nothing"),
    ],
)
def test_odd_addresses_are_refused(text):
    with pytest.raises(AddressError):
        checked_url(text)


def test_usual_addresses_are_taken():
    assert str(checked_url("http://example.org:80/a.zip")) == "http://example.org/a.zip"
    assert checked_url("s3://my-bucket/a/b c.zip").host == "my-bucket.s3.amazonaws.com"
    assert checked_url("s3://my-bucket/a?b.zip").path == "/a?b.zip"


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111"])
def test_a_request_goes_to_the_checked_ip_under_the_hosts_name(address):
    request = pinned(httpx.Request("GET", "https://example.org/a.zip?x=1"), address)
    assert request.url.host == address
    assert request.url.raw_path == b"/a.zip?x=1"
    assert request.headers["host"] == "example.org"
    assert request.extensions["sni_hostname"] == "example.org"
