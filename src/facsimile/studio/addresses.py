"""Addresses that people give: only public ones are reached, by the very IP that was looked at."""

import re
import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote

import httpx

from facsimile.studio.errors import RefusedError

#: Host and port to the IP addresses that it has.
Resolver = Callable[[str, int], list[str]]

PORTS = {"http": 80, "https": 443}
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_HOST = re.compile(r"[A-Za-z0-9._:-]+")
_BLOCKED = [  # beyond what `ipaddress` calls not global
    *map(ip_network, ("100.64.0.0/10", "192.88.99.0/24", "192.0.0.0/24", "fec0::/10")),
]
# Networks within which an IPv4 address stands in the last, or after the first, bits.
_NAT64, _NAT64_LOCAL = IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48")
_COMPATIBLE = IPv6Network("::/96")


class AddressError(RefusedError):
    """An address is none that is reached."""

    def __init__(self, message: str) -> None:
        super().__init__(message, [("root", message)])


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the IP addresses of a host."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressError(f"no address is known of {host}") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet.

    >>> is_public("93.184.216.34"), is_public("127.0.0.1"), is_public("::ffff:10.0.0.1")
    (True, False, False)
    """
    try:
        found = ip_address(address)
    except ValueError:  # as with a zone, fe80::1%eth0
        return False
    if isinstance(found, IPv6Address) and (inner := _inner(found)) is not None:
        return is_public(str(inner))
    blocked = any(found in network for network in _BLOCKED if network.version == found.version)
    return found.is_global and not (found.is_multicast or found.is_reserved or blocked)


def checked_url(text: str) -> httpx.URL:
    """An address as what is asked for: http, https, or s3 as its bucket's public address.

    Raises:
        AddressError: It is none of these, has no host, a name or password, or another port than
            the usual one.

    >>> str(checked_url("s3://lab-data/faces.zip"))
    'https://lab-data.s3.amazonaws.com/faces.zip'
    """
    scheme, _, rest = text.partition("://")
    if scheme == "s3":
        bucket, _, key = rest.partition("/")
        if not _BUCKET.fullmatch(bucket) or ".." in bucket or not key:
            raise AddressError("an address in S3 is s3://BUCKET/KEY")
        return httpx.URL(f"https://{bucket}.s3.amazonaws.com/{quote(key)}")
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError) as error:
        raise AddressError(f"{text[:200]} is no address: {error}") from error
    if url.scheme not in PORTS or not url.host:
        raise AddressError("an address begins with http://, https:// or s3://, and has a host")
    if not _HOST.fullmatch(url.raw_host.decode("ascii")):
        raise AddressError(f"{url.host[:200]} is no name of a host")
    if url.userinfo:
        raise AddressError("an address has no name or password: it would be stored for all to see")
    if url.port not in (None, PORTS[url.scheme]):
        raise AddressError(f"port {url.port} is not reached: only the usual ones are")
    return url


def public_addresses(url: httpx.URL, resolver: Resolver) -> list[str]:
    """The IP addresses of an address's host, all of which are public.

    Raises:
        AddressError: One is not: a host that has both would only have to be asked twice.
    """
    found = resolver(url.host, PORTS[url.scheme])
    if not found:
        raise AddressError(f"no address is known of {url.host}")
    if not all(map(is_public, found)):
        raise AddressError(f"{url.host} is not on the public internet, and is not reached")
    return found


def pinned(request: httpx.Request, address: str) -> httpx.Request:
    """A request that connects to this IP; the server still hears, and proves, the host's name."""
    host = request.url.host
    wrapped = f"[{address}]" if ":" in address else address
    headers = httpx.Headers(request.headers)
    headers["host"] = request.url.netloc.decode("ascii")
    extensions = {**request.extensions, "sni_hostname": host}
    url = request.url.copy_with(host=wrapped)
    return httpx.Request(request.method, url, headers=headers, extensions=extensions)


def _inner(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for, if any."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64 or address in _NAT64_LOCAL:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _COMPATIBLE and int(address) > 1:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None
