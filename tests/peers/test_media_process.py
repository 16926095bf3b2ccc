"""The media process itself, over its unix socket and real UDP."""

from __future__ import annotations

import asyncio
import itertools
import signal
import socket
import statistics
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from tests.peers.media import EVENTS, HOST, Media, Peer, free_port, media_process, open_stream

from caesura.voice import port
from caesura.voice.media import dtmf, rtp, tones

SILENT = rtp.SILENCE["PCMU"] * 160


@pytest.fixture
async def media(tmp_path: Path) -> AsyncIterator[Media]:
    async with media_process(tmp_path / "media.sock") as media:
        yield media


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    peer = Peer()
    yield peer
    peer.close()


def recording(
    tmp_path: Path, packets: int, name: str = "message.ul", less: int = 0
) -> tuple[str, bytes]:
    """A file in which every packet is different from each other and from silence.

    `less`: so many bytes missing from the last packet.
    """
    content = b"".join(n.to_bytes(4, "big") + bytes(range(156)) for n in range(1, packets + 1))
    content = content[: len(content) - less]
    (tmp_path / name).write_bytes(content)
    return str(tmp_path / name), content


async def test_a_cell_is_told_the_even_ports(media: Media) -> None:
    cell = await media.connect()
    assert cell.ready == port.MediaReady(host=HOST, ports=[20000, 20002, 20004])


async def test_a_recording_arrives_bit_exact_in_order_and_at_its_pace(
    media: Media, peer: Peer, tmp_path: Path
) -> None:
    cell = await media.connect()
    attempt, _ = open_stream(cell, peer.port)
    path, content = recording(tmp_path, 100)
    await asyncio.sleep(0.1)
    cell.link.send(port.Play(attempt=attempt, path=path))
    await cell.wait(port.Played, attempt)
    cell.link.send(port.CloseStream(attempt=attempt))
    closed = await cell.wait(port.StreamClosed, attempt)

    assert content in peer.sound
    assert closed.packets_sent == len(peer.got)
    packets = [packet for packet, _ in peer.got]
    first = packets[0]
    for n, packet in enumerate(packets):
        assert packet.payload_type == 0
        assert packet.ssrc == first.ssrc
        assert packet.sequence == (first.sequence + n) & 0xFFFF
        assert packet.timestamp == (first.timestamp + 160 * n) & 0xFFFFFFFF
    starts = [n for n, packet in enumerate(packets) if packet.marker]
    assert starts == [0, peer.sound.index(content) // 160]

    times = [at for _, at in peer.got]
    gaps = [b - a for a, b in itertools.pairwise(times)]
    assert statistics.median(gaps) == pytest.approx(0.020, abs=0.002)
    assert times[-1] - times[0] == pytest.approx(0.020 * (len(times) - 1), abs=0.1)


async def test_a_last_packet_that_is_not_full_is_filled_with_silence(
    media: Media, peer: Peer, tmp_path: Path
) -> None:
    cell = await media.connect()
    attempt, _ = open_stream(cell, peer.port, codec="PCMA")
    path, content = recording(tmp_path, 3, less=60)
    cell.link.send(port.Play(attempt=attempt, path=path))
    await cell.wait(port.Played, attempt)
    await asyncio.sleep(0.05)
    assert content + b"\xd5" * 60 in peer.sound
    assert {packet.payload_type for packet, _ in peer.got} == {8}


async def test_silence_is_sent_while_nothing_plays(media: Media, peer: Peer) -> None:
    cell = await media.connect()
    open_stream(cell, peer.port)
    await asyncio.sleep(0.5)
    assert 20 <= len(peer.got) <= 26
    assert set(peer.sound) == {0xFF}


async def test_a_new_play_replaces_the_running_one_and_stop_ends_it_untold(
    media: Media, peer: Peer, tmp_path: Path
) -> None:
    cell = await media.connect()
    attempt, _ = open_stream(cell, peer.port)
    long, _ = recording(tmp_path, 500, "long.ul")
    short, content = recording(tmp_path, 5, "short.ul")
    cell.link.send(port.Play(attempt=attempt, path=long))
    await asyncio.sleep(0.2)
    cell.link.send(port.Play(attempt=attempt, path=short))
    await cell.wait(port.Played, attempt)
    assert content in peer.sound
    cell.link.send(port.Play(attempt=attempt, path=long))
    await asyncio.sleep(0.2)
    cell.link.send(port.StopPlaying(attempt=attempt))
    await asyncio.sleep(0.1)
    del peer.got[:]
    await asyncio.sleep(0.1)
    assert peer.sound
    assert set(peer.sound) == {0xFF}
    assert not cell.all(port.Played)


async def test_keys_arrive_once_through_loss_repetition_and_reordering(
    media: Media, peer: Peer
) -> None:
    cell = await media.connect()
    attempt, to = open_stream(cell, peer.port)
    await asyncio.sleep(0.1)
    sequence = itertools.count()
    for turn, key in enumerate("1159#"):
        press = [
            rtp.Packet(EVENTS, n == 0, next(sequence), 5000 + 1600 * turn, 9, payload)
            for n, payload in enumerate(dtmf.press(key))
        ]
        match turn:
            case 0:
                press = press[1:-3]  # start and all ends lost
            case 1:
                press = [packet for packet in press for _ in range(3)]
            case 2:
                press = press[::-1]
            case 3:
                press = press[-1:]  # all but one lost
        for packet in press:
            peer.send(to, packet)
            await asyncio.sleep(0.002)
    digits = [await cell.wait(port.Digit, attempt) for _ in range(5)]
    await asyncio.sleep(0.1)
    assert not cell.all(port.Digit)
    assert "".join(digit.digit for digit in digits) == "1159#"
    assert digits[-1].at == pytest.approx(time.time(), abs=2)


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
async def test_the_callee_is_heard_to_begin_and_to_stop(
    media: Media, peer: Peer, codec: str
) -> None:
    cell = await media.connect()
    attempt, to = open_stream(cell, peer.port, codec=codec, silence_ms=300)
    sound = tones.silence(200, codec) + tones.speech(600, codec=codec)
    numbering = rtp.Numbering()
    start = time.monotonic()
    for n in range(0, len(sound), 160):
        data = numbering.next(rtp.PAYLOAD_TYPES[codec], sound[n : n + 160], marker=False)
        numbering.pass_time()
        peer.socket.sendto(data, (HOST, to))
        await asyncio.sleep(max(0.0, start + n / 8000 + 0.020 - time.monotonic()))
    spoken_until = time.time()
    # Then no packet at all, as of a callee with voice activity detection.
    first = await cell.wait(port.Speech, attempt)
    last = await cell.wait(port.Speech, attempt)
    assert (first.speaking, last.speaking) == (True, False)
    assert last.at - spoken_until == pytest.approx(0.3, abs=0.2)
    cell.link.send(port.CloseStream(attempt=attempt))
    closed = await cell.wait(port.StreamClosed, attempt)
    assert closed.packets_received == len(sound) // 160
    assert closed.jitter_ms is not None
    assert 0 <= closed.jitter_ms < 20


async def test_a_callee_behind_a_nat_is_answered_where_it_speaks_from(
    media: Media, peer: Peer
) -> None:
    cell = await media.connect()
    nowhere = free_port()
    _, to = open_stream(cell, nowhere)
    stranger = Peer()
    try:
        await asyncio.sleep(0.1)
        stranger.socket.sendto(b"not RTP at all", (HOST, to))
        await asyncio.sleep(0.1)
        assert not stranger.got
        peer.send(to, rtp.Packet(0, True, 1, 160, 9, SILENT))
        await asyncio.sleep(0.1)
        assert peer.got
        stranger.send(to, rtp.Packet(0, True, 1, 160, 10, SILENT))  # too late: it is learnt
        await asyncio.sleep(0.1)
        assert not stranger.got
    finally:
        stranger.close()


async def test_the_address_of_the_sdp_wins_over_one_that_was_learnt(
    media: Media, peer: Peer
) -> None:
    cell = await media.connect()
    _, to = open_stream(cell, peer.port)
    other = Peer()
    try:
        await asyncio.sleep(0.1)
        other.send(to, rtp.Packet(0, True, 1, 160, 9, SILENT))
        await asyncio.sleep(0.1)
        assert other.got
        peer.send(to, rtp.Packet(0, True, 1, 160, 10, SILENT))
        await asyncio.sleep(0.1)
        del peer.got[:], other.got[:]
        await asyncio.sleep(0.1)
        assert peer.got
        assert not other.got
    finally:
        other.close()


async def test_the_port_is_free_after_the_close(media: Media, peer: Peer) -> None:
    cell = await media.connect()
    attempt, number = open_stream(cell, peer.port)
    await asyncio.sleep(0.1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken, pytest.raises(OSError):
        taken.bind((HOST, number))
    cell.link.send(port.CloseStream(attempt=attempt))
    await cell.wait(port.StreamClosed, attempt)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind((HOST, number))


async def test_what_cannot_be_done_is_told_and_says_why(
    media: Media, peer: Peer, tmp_path: Path
) -> None:
    cell = await media.connect()
    failures = {}
    failures["taken"], _ = open_stream(cell, peer.port, port=peer.port)
    failures["unknown codec 'G729'"], _ = open_stream(cell, peer.port, codec="G729")
    failures["no IP address"], _ = open_stream(cell, peer.port, remote_host="callee.example")
    failures["no open stream"] = uuid4()
    cell.link.send(port.Play(attempt=failures["no open stream"], path="x"))
    failures["No such file"], _ = open_stream(cell, peer.port)
    cell.link.send(port.Play(attempt=failures["No such file"], path=str(tmp_path / "gone.ul")))
    empty = tmp_path / "empty.ul"
    empty.touch()
    failures["is empty"], _ = open_stream(cell, peer.port)
    cell.link.send(port.Play(attempt=failures["is empty"], path=str(empty)))
    for says, attempt in failures.items():
        failed = await cell.wait(port.StreamFailed, attempt)
        assert ("cannot bind UDP port" if says == "taken" else says) in failed.reason
    unknown = uuid4()
    cell.link.send(port.CloseStream(attempt=unknown))
    closed = await cell.wait(port.StreamClosed, unknown)
    assert (closed.packets_sent, closed.packets_received) == (0, 0)


async def test_a_hundred_streams_at_once_all_arrive_whole(media: Media, tmp_path: Path) -> None:
    cell = await media.connect()
    peers = [Peer() for _ in range(100)]
    path, content = recording(tmp_path, 100)
    try:
        attempts = [open_stream(cell, peer.port)[0] for peer in peers]
        for attempt in attempts:
            cell.link.send(port.Play(attempt=attempt, path=path))
        for attempt in attempts:
            await cell.wait(port.Played, attempt, within_s=30)
        # Told by the cell's link; the last packets may not have been read yet.
        async with asyncio.timeout(10):
            while not all(content in peer.sound for peer in peers):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        for peer in peers:
            times = [at for _, at in peer.got]
            gaps = [b - a for a, b in itertools.pairwise(times)]
            assert statistics.median(gaps) == pytest.approx(0.020, abs=0.003)
        assert len({packet.ssrc for peer in peers for packet, _ in peer.got}) == 100
    finally:
        for peer in peers:
            peer.close()


async def test_when_the_cell_is_gone_what_plays_is_played_to_its_end(
    media: Media, tmp_path: Path
) -> None:
    cell = await media.connect()
    playing, idle = Peer(), Peer()
    try:
        attempt, number = open_stream(cell, playing.port)
        open_stream(cell, idle.port)
        path, content = recording(tmp_path, 60)
        cell.link.send(port.Play(attempt=attempt, path=path))
        await asyncio.sleep(0.3)
        cell.link.close()
        await asyncio.sleep(0.1)
        del idle.got[:]
        await asyncio.sleep(1.3)
        assert content in playing.sound
        assert not idle.got
        del playing.got[:]
        await asyncio.sleep(0.1)
        assert not playing.got
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind((HOST, number))
    finally:
        playing.close()
        idle.close()


async def test_a_new_cell_starts_with_a_clean_slate(
    media: Media, peer: Peer, tmp_path: Path
) -> None:
    first = await media.connect()
    attempt, number = open_stream(first, peer.port)
    path, _ = recording(tmp_path, 500)
    first.link.send(port.Play(attempt=attempt, path=path))
    await asyncio.sleep(0.2)
    assert peer.got
    second = await media.connect()
    await asyncio.sleep(0.05)
    del peer.got[:]
    await asyncio.sleep(0.1)
    assert not peer.got
    open_stream(second, peer.port, attempt=attempt, port=number)
    await asyncio.sleep(0.2)
    assert peer.got
    assert not first.link.connected
    assert not second.all(port.StreamFailed)


async def test_a_stalled_process_does_not_flood_when_it_comes_back(
    media: Media, peer: Peer, tmp_path: Path
) -> None:
    cell = await media.connect()
    attempt, _ = open_stream(cell, peer.port)
    path, content = recording(tmp_path, 60)
    cell.link.send(port.Play(attempt=attempt, path=path))
    await asyncio.sleep(0.2)
    media.process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(0.5)
    before = len(peer.got)
    media.process.send_signal(signal.SIGCONT)
    await asyncio.sleep(0.015)
    # Three to catch up and one that is due, where 25 are late; room for a stall of this test.
    assert len(peer.got) - before <= 12
    await cell.wait(port.Played, attempt)
    await asyncio.sleep(0.05)
    assert content in peer.sound  # late, but whole


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_process_ends_within_a_second_when_told(
    media: Media, peer: Peer, tmp_path: Path, number: signal.Signals
) -> None:
    cell = await media.connect()
    attempt, _ = open_stream(cell, peer.port)
    path, _ = recording(tmp_path, 500)
    cell.link.send(port.Play(attempt=attempt, path=path))
    await asyncio.sleep(0.1)
    media.process.send_signal(number)
    async with asyncio.timeout(1):
        assert await media.process.wait() == 0
    assert not media.path.exists()
