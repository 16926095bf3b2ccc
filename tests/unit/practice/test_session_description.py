"""The practice callee reads any sane offer and answers it in kind (RFC 3264)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caesura.practice.session_description import Offer, read, write


def test_it_takes_the_first_codec_of_the_offer_that_it_knows() -> None:
    text = write("10.0.0.1", 4000, ["PCMA", "PCMU"], 96, session=1)
    assert read(text) == Offer("10.0.0.1", 4000, "PCMA", 96)


def test_a_streams_own_address_overrides_the_sessions() -> None:
    text = "v=0\nc=IN IP4 1.1.1.1\nm=audio 10 RTP/AVP 0\nc=IN IP4 2.2.2.2\nm=video 20 RTP/AVP 0\n"
    assert read(text) == Offer("2.2.2.2", 10, "PCMU", None)


def test_an_offer_of_other_codecs_has_none_in_common() -> None:
    offer = read("v=0\r\nc=IN IP4 1.1.1.1\r\nm=audio 10 RTP/AVP 9 18\r\n")
    assert offer is not None and offer.codec is None


def test_telephone_events_count_only_if_offered_in_the_stream() -> None:
    text = "c=IN IP4 1.1.1.1\nm=audio 10 RTP/AVP 0 97\na=rtpmap:101 telephone-event/8000\n"
    assert read(text) == Offer("1.1.1.1", 10, "PCMU", None)


@pytest.mark.parametrize("text", ["", "v=0\r\n", "c=IN IP4 1.1.1.1\r\nm=video 9 RTP/AVP 0\r\n"])
def test_what_offers_no_audio_is_no_offer(text: str) -> None:
    assert read(text) is None


@given(
    st.ip_addresses(v=4).map(str),
    st.integers(1, 65535),
    st.sampled_from(["PCMU", "PCMA"]),
    st.none() | st.integers(96, 127),
)
def test_what_is_written_is_read_again(
    host: str, port: int, codec: str, event_type: int | None
) -> None:
    text = write(host, port, [codec], event_type, session=7)
    assert read(text) == Offer(host, port, codec, event_type)


@given(st.text(max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    read(text)
    read("c=IN IP4 1.1.1.1\nm=audio " + text)
