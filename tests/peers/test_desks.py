"""Desks and bridges of the media process: real WebRTC, real RTP, tones both ways."""

from __future__ import annotations

import asyncio
import itertools
import re
import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from tests.peers.desks import (
    Browser,
    browser_process,
    connect,
    desk_browser,
    gaps,
    talking_phone,
)
from tests.peers.media import EVENTS, HOST, Cell, Media, media_process
from tests.tone import has_tone, level_dbfs

from caesura.voice import port
from caesura.voice.media import dtmf, tones

CALLEE_HZ, DESK_HZ, OTHER_HZ = 440.0, 1000.0, 620.0


@pytest.fixture
async def media(tmp_path: Path) -> AsyncIterator[Media]:
    options = ("--desk-ports", "36000-36099", "--desk-host", "127.0.0.1")
    async with media_process(tmp_path / "media.sock", *options) as media:
        yield media


@pytest.fixture
async def cell(media: Media) -> Cell:
    return await media.connect()


async def until(holds: Callable[[], bool], within_s: float = 5.0) -> None:
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def bridge(cell: Cell, attempt: UUID, peer: UUID) -> port.Bridged:
    cell.link.send(port.Bridge(attempt=attempt, peer=peer))
    return await cell.wait(port.Bridged, attempt)


@pytest.mark.parametrize(("callee", "desk_sends"), [("PCMU", "PCMU"), ("PCMA", "PCMU")])
async def test_callee_and_desk_hear_each_other_whatever_law_they_speak(
    cell: Cell, callee: str, desk_sends: str
) -> None:
    async with (
        talking_phone(cell, CALLEE_HZ, callee) as (attempt, phone),
        desk_browser(cell, DESK_HZ, desk_sends) as (desk, browser),
    ):
        await asyncio.sleep(0.3)
        assert level_dbfs(browser.sound()) < -60  # not yet
        assert level_dbfs(phone.hears()) < -60
        await bridge(cell, attempt, desk)
        await asyncio.sleep(1.0)
        assert has_tone(browser.sound(), CALLEE_HZ)
        assert has_tone(phone.hears(), DESK_HZ)
        assert {p.payload_type for p, _ in phone.got} == {0 if callee == "PCMU" else 8}


async def test_the_first_word_is_heard_at_once_and_nothing_is_lost(cell: Cell) -> None:
    async with (
        talking_phone(cell, CALLEE_HZ) as (attempt, _),
        desk_browser(cell, DESK_HZ) as (desk, browser),
    ):
        await until(lambda: len(browser.heard) > 25)  # silence came all the time
        asked = time.time()
        bridged = await bridge(cell, attempt, desk)
        assert bridged.at - asked < 0.1
        before = len(browser.heard)
        await until(lambda: level_dbfs(browser.sound(0.02)) > -40, within_s=1.0)
        # 80 ms of it is aiortc's own jitter buffer.
        assert len(browser.heard) - before < 10


async def test_numbers_never_jump_for_a_callee_through_bridges_holds_and_recordings(
    cell: Cell, tmp_path: Path
) -> None:
    message = tmp_path / "message.ul"
    message.write_bytes(bytes(range(160)) * 10)
    async with (
        talking_phone(cell, CALLEE_HZ) as (attempt, phone),
        desk_browser(cell, DESK_HZ) as (desk, _),
    ):
        for _ in range(2):
            cell.link.send(port.Play(attempt=attempt, path=str(message)))
            await cell.wait(port.Played, attempt)
            await bridge(cell, attempt, desk)
            await asyncio.sleep(0.3)
            cell.link.send(port.Hold(attempt=attempt, path=str(message)))
            await asyncio.sleep(0.3)
            cell.link.send(port.Retrieve(attempt=attempt))
            await asyncio.sleep(0.3)
            cell.link.send(port.SendDigits(attempt=attempt, digits="5"))
            await asyncio.sleep(0.3)
            cell.link.send(port.Unbridge(attempt=attempt))
            await asyncio.sleep(0.4)
        packets = list(phone.got)
        assert len({packet.ssrc for packet, _ in packets}) == 1
        numbers = [packet.sequence for packet, _ in packets]
        assert [(b - a) & 0xFFFF for a, b in itertools.pairwise(numbers)] == [1] * (
            len(numbers) - 1
        )
        audio = [(packet, at) for packet, at in packets if packet.payload_type == 0]
        steps = [step for _, step in gaps(audio)]
        assert all(0 < step < 160 * 20 for step in steps)
        first, last = audio[0], audio[-1]
        elapsed = ((last[0].timestamp - first[0].timestamp) & 0xFFFFFFFF) / 8000
        assert elapsed == pytest.approx(last[1] - first[1], abs=0.3)  # the clock kept time


async def test_an_agents_telephone_is_told_of_each_callee_by_a_tone_and_hears_them_in_turn(
    cell: Cell,
) -> None:
    async with (
        talking_phone(cell, CALLEE_HZ) as (first, one),
        talking_phone(cell, OTHER_HZ, "PCMA") as (second, two),
        talking_phone(cell, DESK_HZ, "PCMA") as (leg, telephone),
    ):
        await until(lambda: len(telephone.got) > 20)  # silence came all the time
        for attempt, callee, hz in ((first, one, CALLEE_HZ), (second, two, OTHER_HZ)):
            asked = time.time()
            cell.link.send(port.Bridge(attempt=attempt, peer=leg, beep=True))
            assert (await cell.wait(port.Bridged, attempt)).at - asked < 0.1
            await asyncio.sleep(0.25)
            sound = telephone.hears(0.35)
            assert any(has_tone(sound[n : n + 850], 880) for n in range(0, len(sound), 80))
            await asyncio.sleep(0.6)
            assert has_tone(telephone.hears(), hz)
            assert has_tone(callee.hears(), DESK_HZ)
            cell.link.send(port.CloseStream(attempt=attempt))
            await cell.wait(port.StreamClosed, attempt)
            await asyncio.sleep(0.5)
            assert level_dbfs(telephone.hears()) < -60
        steps = {step for step, _ in gaps(telephone.got)}
        assert steps == {1}  # one stream, without a jump


async def test_on_hold_the_callee_hears_music_and_the_desk_nothing(
    cell: Cell, tmp_path: Path
) -> None:
    music = tmp_path / "music.ul"
    music.write_bytes(tones.sine(OTHER_HZ, 500))
    async with (
        talking_phone(cell, CALLEE_HZ) as (attempt, phone),
        desk_browser(cell, DESK_HZ) as (desk, browser),
    ):
        await bridge(cell, attempt, desk)
        await asyncio.sleep(0.5)
        cell.link.send(port.Hold(attempt=attempt, path=str(music)))
        await asyncio.sleep(1.5)  # longer than the recording
        assert has_tone(phone.hears(), OTHER_HZ)
        assert level_dbfs(browser.sound()) < -60
        assert not cell.all(port.Played)
        cell.link.send(port.Hold(attempt=attempt))
        await asyncio.sleep(0.6)
        assert level_dbfs(phone.hears()) < -60
        cell.link.send(port.Retrieve(attempt=attempt))
        await asyncio.sleep(0.8)
        assert has_tone(phone.hears(), DESK_HZ)
        assert has_tone(browser.sound(), CALLEE_HZ)
        cell.link.send(port.Hold(attempt=attempt, path=str(tmp_path / "gone.ul")))
        refused = await cell.wait(port.NotDone, attempt)
        assert (refused.order, "No such file" in refused.reason) == ("Hold", True)
        assert not cell.all(port.StreamFailed)


async def test_apart_again_both_hear_silence(cell: Cell) -> None:
    async with (
        talking_phone(cell, CALLEE_HZ) as (attempt, phone),
        desk_browser(cell, DESK_HZ) as (desk, browser),
    ):
        await bridge(cell, attempt, desk)
        await asyncio.sleep(0.4)
        cell.link.send(port.Unbridge(attempt=attempt))
        await asyncio.sleep(0.6)
        assert level_dbfs(phone.hears()) < -60
        assert level_dbfs(browser.sound()) < -60
        assert len(phone.hears(0.4)) == pytest.approx(3200, abs=480)  # silence is sent


async def test_keys_reach_the_callee_in_a_conversation_and_the_callees_are_told(
    cell: Cell,
) -> None:
    async with (
        talking_phone(cell, CALLEE_HZ) as (attempt, phone),
        desk_browser(cell, DESK_HZ) as (desk, _),
    ):
        await bridge(cell, attempt, desk)
        await asyncio.sleep(0.2)
        cell.link.send(port.SendDigits(attempt=attempt, digits="19#"))
        receiver, heard = dtmf.KeyReceiver(), ""
        await asyncio.sleep(0.8)
        for packet, _ in phone.got:
            if packet.payload_type == EVENTS:
                heard += receiver.feed(packet)
        assert heard == "19#"
        for payload in dtmf.press("7"):
            numbering = phone.numbering
            phone.socket.sendto(
                numbering.next(EVENTS, payload, marker=False, timestamp=1234567), (HOST, phone.to)
            )
        assert (await cell.wait(port.Digit, attempt)).digit == "7"
        cell.link.send(port.SendDigits(attempt=attempt, digits="1x"))
        assert "no telephone key" in (await cell.wait(port.NotDone, attempt)).reason


async def test_two_attempts_talk_and_their_keys_and_laws_are_carried_over(cell: Cell) -> None:
    async with (
        talking_phone(cell, CALLEE_HZ, "PCMU") as (attempt, callee),
        talking_phone(cell, OTHER_HZ, "PCMA", packet_bytes=240) as (agent, telephone),
    ):
        await bridge(cell, attempt, agent)
        await asyncio.sleep(1.0)
        assert has_tone(callee.hears(), OTHER_HZ)
        assert has_tone(telephone.hears(), CALLEE_HZ)
        # As it comes: packets of 30 ms stay packets of 30 ms.
        assert {len(packet.payload) for packet, _ in callee.got[-10:]} == {240}
        for n, payload in enumerate(dtmf.press("4")):
            data = telephone.numbering.next(EVENTS, payload, marker=not n, timestamp=7654321)
            telephone.socket.sendto(data, (HOST, telephone.to))
        assert (await cell.wait(port.Digit, agent)).digit == "4"
        await asyncio.sleep(0.1)
        receiver = dtmf.KeyReceiver()
        keys = [receiver.feed(p) for p, _ in callee.got if p.payload_type == EVENTS]
        assert "".join(keys) == "4"
        cell.link.send(port.CloseStream(attempt=attempt))
        await cell.wait(port.StreamClosed, attempt)
        await asyncio.sleep(0.5)
        assert level_dbfs(telephone.hears(0.3)) < -60


async def test_a_new_offer_takes_over_the_bridge_and_until_then_the_old_one_talks(
    cell: Cell,
) -> None:
    async with (
        talking_phone(cell, CALLEE_HZ) as (attempt, phone),
        desk_browser(cell, DESK_HZ) as (desk, _),
    ):
        await bridge(cell, attempt, desk)
        await asyncio.sleep(0.5)
        after = Browser(OTHER_HZ)
        try:
            offer = await after.offer()
            cell.link.send(port.OpenDesk(desk=desk, offer=offer, number=2))
            answer = await cell.wait(port.DeskAnswer, desk)
            await asyncio.sleep(0.5)
            assert has_tone(phone.hears(0.3), DESK_HZ)
            await after.accept(answer.sdp)
            assert (await cell.wait(port.DeskConnected, desk)).number == 2
            await asyncio.sleep(0.8)
            assert has_tone(phone.hears(), OTHER_HZ)
            assert has_tone(after.sound(), CALLEE_HZ)
            assert not cell.all(port.DeskLost)
            numbers = [packet.sequence for packet, _ in phone.got]
            steps = [(b - a) & 0xFFFF for a, b in itertools.pairwise(numbers)]
            assert set(steps) == {1}
        finally:
            await after.close()


async def test_a_browser_that_closes_is_told_at_once_and_the_callee_hears_silence(
    cell: Cell,
) -> None:
    async with (
        talking_phone(cell, CALLEE_HZ) as (attempt, phone),
        desk_browser(cell, DESK_HZ) as (desk, browser),
    ):
        await bridge(cell, attempt, desk)
        await asyncio.sleep(0.4)
        closed_at = time.monotonic()
        closing = asyncio.create_task(browser.close())
        lost = await cell.wait(port.DeskLost, desk)
        assert time.monotonic() - closed_at < 0.5
        assert "closed" in lost.reason
        await closing
        await asyncio.sleep(0.5)
        assert level_dbfs(phone.hears(0.3)) < -60
        assert len(phone.hears(0.3)) > 1600
        again = Browser(OTHER_HZ)  # the page comes back, its place is kept
        try:
            await connect(cell, desk, again, 3)
            await asyncio.sleep(0.8)
            assert has_tone(phone.hears(), OTHER_HZ)
            assert has_tone(again.sound(), CALLEE_HZ)
        finally:
            await again.close()


async def test_a_browser_that_is_killed_is_told_within_three_seconds(cell: Cell) -> None:
    async with talking_phone(cell, CALLEE_HZ) as (attempt, phone):
        desk = uuid4()
        async with browser_process(cell, desk, DESK_HZ) as process:
            await bridge(cell, attempt, desk)
            await until(lambda: has_tone(phone.hears(0.3), DESK_HZ))
            process.kill()
            killed_at = time.monotonic()
            lost = await cell.wait(port.DeskLost, desk, within_s=3.0)
            print(f"told {time.monotonic() - killed_at:.2f} s after kill -9")
            assert "nothing was heard" in lost.reason


async def test_a_browser_that_stood_still_is_there_again_by_itself(cell: Cell) -> None:
    async with talking_phone(cell, CALLEE_HZ) as (attempt, phone):
        desk = uuid4()
        async with browser_process(cell, desk, DESK_HZ) as process:
            await bridge(cell, attempt, desk)
            process.send_signal(signal.SIGSTOP)
            await cell.wait(port.DeskLost, desk, within_s=3.5)
            process.send_signal(signal.SIGCONT)
            await cell.wait(port.DeskConnected, desk)
            await until(lambda: has_tone(phone.hears(0.3), DESK_HZ))


async def test_a_microphone_that_sends_nothing_is_not_a_lost_browser(cell: Cell) -> None:
    async with desk_browser(cell, DESK_HZ) as (_, browser):
        browser.pc.getSenders()[0].replaceTrack(None)
        await asyncio.sleep(3.5)
        assert not cell.all(port.DeskLost)


async def test_a_bad_offer_is_told_and_hurts_no_other_desk(cell: Cell) -> None:
    async with (
        talking_phone(cell, CALLEE_HZ) as (attempt, phone),
        desk_browser(cell, DESK_HZ) as (desk, _),
    ):
        await bridge(cell, attempt, desk)
        good = Browser(0)
        try:
            offer = await good.offer()
        finally:
            await good.close()
        no_codec = re.sub(r"UDP/TLS/RTP/SAVPF [\d ]+", "UDP/TLS/RTP/SAVPF 96", offer)
        no_codec = re.sub(r"a=(rtpmap|fmtp):.*\r\n", "", no_codec)
        bad = {
            "no SDP": re.sub(r"m=audio \d+", "m=audio x", offer),
            "no audio": "hello",
            "recvonly": offer.replace("a=sendrecv", "a=recvonly"),
            "neither PCMU nor PCMA": no_codec,
            "no ICE": re.sub(r"a=ice-ufrag:.*\r\n", "", offer),
            "no DTLS": re.sub(r"a=fingerprint:.*\r\n", "", offer),
        }
        for says, text in bad.items():
            other = uuid4()
            cell.link.send(port.OpenDesk(desk=other, offer=text, number=9))
            failed = await cell.wait(port.DeskFailed, other)
            assert (says in failed.reason, failed.number) == (True, 9), failed.reason
        wrong = re.sub(r"a=fingerprint:sha-256 \S\S", "a=fingerprint:sha-256 00", offer)
        cell.link.send(port.OpenDesk(desk=desk, offer=wrong, number=10))
        await cell.wait(port.DeskAnswer, desk)
        cell.link.send(port.OpenDesk(desk=desk, offer="hello", number=11))
        assert (await cell.wait(port.DeskFailed, desk)).number == 11
        await asyncio.sleep(0.4)
        assert has_tone(phone.hears(), DESK_HZ)  # its connection from before goes on
        assert not cell.all(port.DeskLost)


async def test_closing_in_any_order_is_safe(cell: Cell) -> None:
    async with (
        talking_phone(cell, CALLEE_HZ) as (attempt, phone),
        desk_browser(cell, DESK_HZ) as (desk, browser),
    ):
        cell.link.send(port.CloseDesk(desk=uuid4()))
        cell.link.send(port.Unbridge(attempt=uuid4()))
        for order in (
            port.Bridge(attempt=uuid4(), peer=desk),
            port.Bridge(attempt=attempt, peer=uuid4()),
            port.Bridge(attempt=attempt, peer=attempt),
        ):
            cell.link.send(order)
            await cell.wait(port.NotDone, order.attempt)
        await bridge(cell, attempt, desk)
        cell.link.send(port.CloseDesk(desk=desk))
        cell.link.send(port.CloseDesk(desk=desk))
        await asyncio.sleep(0.5)
        assert level_dbfs(phone.hears(0.3)) < -60
        await until(lambda: browser.pc.connectionState == "closed")
        cell.link.send(port.CloseStream(attempt=attempt))
        cell.link.send(port.CloseStream(attempt=attempt))
        for _ in range(2):
            await cell.wait(port.StreamClosed, attempt)
        again = Browser(OTHER_HZ)  # the same desk, the next shift
        try:
            await connect(cell, desk, again)
        finally:
            await again.close()


async def test_a_conversation_goes_on_when_the_cell_is_gone(cell: Cell) -> None:
    async with (
        talking_phone(cell, CALLEE_HZ) as (attempt, phone),
        talking_phone(cell, OTHER_HZ) as (_, alone),
        desk_browser(cell, DESK_HZ) as (desk, browser),
    ):
        await bridge(cell, attempt, desk)
        await asyncio.sleep(0.3)
        cell.link.close()
        await asyncio.sleep(1.0)
        assert has_tone(phone.hears(), DESK_HZ)
        assert has_tone(browser.sound(), CALLEE_HZ)
        assert not alone.hears(0.5)
        await browser.close()
        await asyncio.sleep(0.5)
        assert not phone.hears(0.2)
