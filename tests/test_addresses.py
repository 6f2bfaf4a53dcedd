"""Who is one reader, as tries and computations are counted."""

from __future__ import annotations

import pytest

from fichetrack.addresses import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("", ""),
        ("unknown" * 20, ("unknown" * 20)[:64]),
    ],
)
def test_a_reader_is_an_address_or_the_network_of_a_household(address: str, network: str) -> None:
    assert network_of(address) == network
