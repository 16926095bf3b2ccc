"""Addresses and ports that browsers are offered."""

from __future__ import annotations

import ipaddress

import pytest

from caesura.voice.media.places import Place, Ports, of_this_machine


def test_an_address_is_offered_as_it_is_bound_unless_two_are_named() -> None:
    assert Place.parse("192.0.2.10") == Place("192.0.2.10", "192.0.2.10")
    assert Place.parse("203.0.113.7=10.0.0.5") == Place("203.0.113.7", "10.0.0.5")
    assert Place.parse("2001:db8::1") == Place("2001:db8::1", "2001:db8::1")


@pytest.mark.parametrize("text", ["", "desk.example", "192.0.2.10=", "=10.0.0.5", "192.0.2.10:80"])
def test_what_is_no_address_is_refused(text: str) -> None:
    if text == "192.0.2.10=":
        assert Place.parse(text).bound == "192.0.2.10"
        return
    with pytest.raises(ValueError):
        Place.parse(text)


def test_this_machine_offers_loopback_last_and_no_link_local_address() -> None:
    addresses = [ipaddress.ip_address(place.offered) for place in of_this_machine()]
    assert addresses[-1] == ipaddress.ip_address("127.0.0.1")
    assert not any(address.is_link_local for address in addresses)
    assert not any(address.is_loopback for address in addresses[:-1])
    assert len(set(addresses)) == len(addresses)


def test_ports_take_turns_and_each_turn_knows_all_of_them() -> None:
    ports = Ports(range(26000, 26003))
    assert [list(ports.turns()) for _ in range(4)] == [
        [26000, 26001, 26002],
        [26001, 26002, 26000],
        [26002, 26000, 26001],
        [26000, 26001, 26002],
    ]
