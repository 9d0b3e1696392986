"""Which addresses a provider may have."""

from __future__ import annotations

import pytest

from app.providers.addresses import Reach, allowed, classify


@pytest.mark.parametrize(
    ("ip", "reach"),
    [
        ("8.8.8.8", Reach.PUBLIC),
        ("2606:4700::1111", Reach.PUBLIC),
        ("192.168.1.7", Reach.PRIVATE),
        ("10.0.0.1", Reach.PRIVATE),
        ("172.31.255.255", Reach.PRIVATE),
        ("100.64.0.9", Reach.PRIVATE),
        ("fd12::1", Reach.PRIVATE),
        ("224.0.0.1", Reach.PRIVATE),
        ("255.255.255.255", Reach.PRIVATE),
        ("127.0.0.1", Reach.LOOPBACK),
        ("127.1.2.3", Reach.LOOPBACK),
        ("::1", Reach.LOOPBACK),
        ("0.0.0.0", Reach.LOOPBACK),
        ("::", Reach.LOOPBACK),
        ("169.254.169.254", Reach.LINK_LOCAL),
        ("fe80::1%eth0", Reach.LINK_LOCAL),
        ("fd00:ec2::254", Reach.METADATA),
        ("100.100.100.200", Reach.METADATA),
        ("168.63.129.16", Reach.METADATA),
    ],
)
def test_an_address_is_classified(ip: str, reach: Reach) -> None:
    assert classify(ip) is reach


@pytest.mark.parametrize(
    ("ip", "reach"),
    [
        ("::ffff:127.0.0.1", Reach.LOOPBACK),
        ("::ffff:169.254.169.254", Reach.LINK_LOCAL),
        ("64:ff9b::a9fe:a9fe", Reach.LINK_LOCAL),
        ("2002:a9fe:a9fe::1", Reach.LINK_LOCAL),
        ("::ffff:8.8.8.8", Reach.PUBLIC),
    ],
)
def test_an_address_hidden_in_an_ipv6_address_is_found(ip: str, reach: Reach) -> None:
    assert classify(ip) is reach


def test_link_local_and_metadata_addresses_are_never_allowed() -> None:
    for ip in ("169.254.169.254", "fe80::1%1", "fd00:ec2::254", "::ffff:169.254.0.1"):
        assert not allowed(ip, allow_private=True)


def test_private_addresses_are_allowed_where_it_is_said() -> None:
    for ip in ("127.0.0.1", "192.168.1.7", "::1", "0.0.0.0"):
        assert allowed(ip, allow_private=True)
        assert not allowed(ip, allow_private=False)


def test_public_addresses_are_always_allowed() -> None:
    assert allowed("8.8.8.8", allow_private=False)


def test_a_name_is_no_address() -> None:
    with pytest.raises(ValueError, match="localhost"):
        classify("localhost")
