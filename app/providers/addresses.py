"""Which network addresses a provider may have.

Whoever connects asks about the address it really connects to, never about the name: a name may resolve differently
a moment later.
"""

from __future__ import annotations

import ipaddress
from enum import StrEnum

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Machines in a cloud read their own credentials here; these lie outside the link-local ranges.
_METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in (
        "fd00:ec2::254",  # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
        "100.100.100.200",  # https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata
        "168.63.129.16",  # https://learn.microsoft.com/en-us/azure/virtual-network/what-is-ip-address-168-63-129-16
    )
)
# An IPv4 address in the last four bytes of an IPv6 one (RFC 6052, 2.1).
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Reach(StrEnum):
    """From where an address can be reached."""

    PUBLIC = "public"
    PRIVATE = "private"
    """The local network, or a range that is not for the public internet."""
    LOOPBACK = "loopback"
    """This machine, by whatever name."""
    LINK_LOCAL = "link-local"
    METADATA = "metadata"


def classify(ip: str) -> Reach:
    """`ip` is a literal, possibly with a zone (`fe80::1%eth0`). Raises ValueError for anything else."""
    address = _plain(ipaddress.ip_address(ip.partition("%")[0]))
    if address in _METADATA:
        return Reach.METADATA
    if address.is_link_local:
        return Reach.LINK_LOCAL
    if address.is_loopback or address.is_unspecified:
        # The unspecified address, 0.0.0.0, connects to this machine.
        return Reach.LOOPBACK
    return Reach.PUBLIC if address.is_global and not address.is_multicast else Reach.PRIVATE


def allowed(ip: str, *, allow_private: bool) -> bool:
    """Whether a provider may be at `ip`: link-local and metadata addresses never, private ones where allowed."""
    match classify(ip):
        case Reach.PUBLIC:
            return True
        case Reach.PRIVATE | Reach.LOOPBACK:
            return allow_private
        case Reach.LINK_LOCAL | Reach.METADATA:
            return False


def _plain(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one that only wraps it."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
