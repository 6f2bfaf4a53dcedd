"""Addresses of the network, as those who count what one reader asks see them."""

from __future__ import annotations

import ipaddress


def network_of(address: str) -> str:
    """One address in IPv4, its /64 in IPv6: a household has as many as it likes there. Anything else as it is, cut."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
