"""Settings come from the environment, and what cannot be used is refused by name."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from caesura.errors import Invalid
from caesura.settings import Address, PortRange, client_settings, server_settings


def test_without_any_variable_all_is_local_and_embedded() -> None:
    settings = server_settings({})
    assert settings.database_url is None
    assert str(settings.http) == "127.0.0.1:8080"
    assert settings.sip.host == settings.media_host == "127.0.0.1"
    assert settings.cells == 1
    assert settings.data_dir.name == "caesura"


def test_each_variable_is_used(tmp_path: Path) -> None:
    settings = server_settings(
        {
            "CAESURA_DATA": str(tmp_path),
            "CAESURA_DATABASE_URL": "postgresql://u:p@db/x",
            "CAESURA_HTTP": "[::1]:9090",
            "CAESURA_SIP": "192.0.2.7:5060",
            "CAESURA_MEDIA_PORTS": "30000-30999",
            "CAESURA_CELLS": "2",
            "CAESURA_NODE": "north",
            "CAESURA_WEBRTC_HOSTS": "192.0.2.7, 203.0.113.7=10.0.0.5",
            "CAESURA_WEBRTC_PORTS": "40000-40999",
            "CAESURA_PREDICTIVE_PACER": "caesura.rules.pacing.progressive:Progressive",
        }
    )
    assert settings.data_dir == tmp_path
    assert settings.database_url == "postgresql://u:p@db/x"
    assert settings.http == Address("::1", 9090)
    assert str(settings.http) == "[::1]:9090"
    assert settings.media_host == "192.0.2.7", "the host of CAESURA_SIP, unless it is named"
    assert settings.media_ports == PortRange(30000, 30999)
    assert (settings.cells, settings.node) == (2, "north")
    assert settings.webrtc_hosts == ("192.0.2.7", "203.0.113.7=10.0.0.5")
    assert settings.webrtc_ports == PortRange(40000, 40999)
    assert settings.predictive_pacer == "caesura.rules.pacing.progressive:Progressive"


def test_an_empty_variable_counts_as_not_set() -> None:
    assert server_settings({"CAESURA_HTTP": "", "CAESURA_DATABASE_URL": " "}) == server_settings({})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CAESURA_HTTP", "8080"),
        ("CAESURA_HTTP", "localhost:http"),
        ("CAESURA_HTTP", "localhost:65536"),
        ("CAESURA_HTTP", ":8080"),
        ("CAESURA_SIP", "127.0.0.1"),
        ("CAESURA_MEDIA_PORTS", "20000"),
        ("CAESURA_MEDIA_PORTS", "20000-19000"),
        ("CAESURA_MEDIA_PORTS", "80-90"),
        ("CAESURA_WEBRTC_HOSTS", "desk.example"),
        ("CAESURA_WEBRTC_HOSTS", "203.0.113.7=inside"),
        ("CAESURA_WEBRTC_PORTS", "26000"),
        ("CAESURA_WEBRTC_PORTS", "23000-24999"),  # the media ports are there
        ("CAESURA_CELLS", "0"),
        ("CAESURA_CELLS", "two"),
        ("CAESURA_PREDICTIVE_PACER", "no.such.module:Pacer"),
        ("CAESURA_PREDICTIVE_PACER", "caesura.errors:Invalid"),
        ("CAESURA_PREDICTIVE_PACER", "progressive"),
        ("CAESURA_DATA", "/dev/null"),
        ("CAESURA_DATABASE_URL", "mysql://db/x"),
    ],
)
def test_what_cannot_be_used_is_refused_by_the_variables_name(variable: str, value: str) -> None:
    with pytest.raises(Invalid, match=variable) as raised:
        server_settings({variable: value})
    assert raised.value.data["field"] == variable


def test_a_refused_database_url_does_not_show_its_password() -> None:
    with pytest.raises(Invalid) as raised:
        server_settings({"CAESURA_DATABASE_URL": "mysql://me:hunter2@db/x"})
    assert "hunter2" not in raised.value.message


def test_cells_share_the_media_ports_without_overlap_each_from_an_even_one() -> None:
    ports = PortRange(20001, 20100)
    shares = [ports.share(index, of=3) for index in range(3)]
    assert all(share.first % 2 == 0 for share in shares)
    assert all(a.last < b.first for a, b in pairwise(shares))
    assert ports.first <= shares[0].first
    assert shares[-1].last <= ports.last


def test_commands_are_told_url_and_key() -> None:
    settings = client_settings({"CAESURA_URL": "https://c.example", "CAESURA_API_KEY": "k"})
    assert (settings.url, settings.api_key) == ("https://c.example", "k")
    with pytest.raises(Invalid, match="CAESURA_URL"):
        client_settings({"CAESURA_URL": "c.example:8080"})
