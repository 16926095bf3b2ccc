"""A desk's browser as it is: Chromium with a microphone, and a callee over RTP."""

from __future__ import annotations

import asyncio
import math
import struct
import tempfile
import time
import wave
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from playwright.async_api import Page, async_playwright

from caesura.voice import port
from tests.browser.conftest import CHROMIUM
from tests.peers.desks import talking_phone
from tests.peers.media import Cell, media_process
from tests.tone import has_tone, level_dbfs

CALLEE_HZ, MICROPHONE_HZ = 1000.0, 440.0

_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --use-fake-ui-for-media-stream "
    "--use-fake-device-for-media-stream --autoplay-policy=no-user-gesture-required "
    "--allow-loopback-in-peer-connection"  # for machines that have nothing but loopback
)

# What a desk's page does, and no more. `loudest` is the loudest frequency of what it hears.
_PAGE = """<!doctype html><title>Desk</title><audio autoplay></audio><script>
let pc, analyser;
async function offer() {
  pc = new RTCPeerConnection();
  const stream = await navigator.mediaDevices.getUserMedia(
    {audio: {echoCancellation: false, noiseSuppression: false, autoGainControl: false}});
  pc.addTrack(stream.getAudioTracks()[0], stream);
  pc.ontrack = (event) => {
    const heard = new MediaStream([event.track]);
    document.querySelector('audio').srcObject = heard;
    const context = new AudioContext();
    analyser = context.createAnalyser();
    analyser.fftSize = 4096;
    context.createMediaStreamSource(heard).connect(analyser);
  };
  await pc.setLocalDescription();
  return pc.localDescription.sdp;  // at once, without waiting for candidates
}
async function again() {
  await pc.setLocalDescription(await pc.createOffer({iceRestart: true}));
  return pc.localDescription.sdp;
}
const accept = (sdp) => pc.setRemoteDescription({type: 'answer', sdp});
function loudest() {
  const levels = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(levels);
  const bin = levels.reduce((best, level, n) => level > levels[best] ? n : best, 0);
  return {hz: bin * analyser.context.sampleRate / analyser.fftSize, db: levels[bin]};
}
</script>"""


def test_a_real_browser_and_a_callee_hear_each_other() -> None:
    # In a thread of its own: other browser tests keep this one's event loop.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _conversation()).result(timeout=90)


async def _conversation() -> None:
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        microphone = tone(place / "tone.wav", MICROPHONE_HZ)
        async with (
            media_process(place / "media.sock", "--desk-ports", "36200-36299") as media,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(
                executable_path=CHROMIUM,
                args=[*_FLAGS.split(), f"--use-file-for-fake-audio-capture={microphone}"],
            )
            cell = await media.connect()
            page = await desk_page(browser)
            desk = uuid4()
            await connect(cell, desk, page, "offer()", 1)
            async with talking_phone(cell, CALLEE_HZ, "PCMA") as (attempt, phone):
                await asyncio.sleep(0.5)
                assert level_dbfs(phone.hears()) < -60
                bridged_at = time.monotonic()
                cell.link.send(port.Bridge(attempt=attempt, peer=desk))
                await cell.wait(port.Bridged, attempt)
                await until(lambda: has_tone_async(phone, MICROPHONE_HZ))
                print(f"callee hears the desk after {time.monotonic() - bridged_at:.2f} s")
                await until(lambda: hears(page, CALLEE_HZ))
                print(f"the page hears the callee after {time.monotonic() - bridged_at:.2f} s")

                # The network changed: the same page, ICE restarted, the bridge stays.
                await connect(cell, desk, page, "again()", 2)
                phone.got.clear()
                await until(lambda: has_tone_async(phone, MICROPHONE_HZ))
                await until(lambda: hears(page, CALLEE_HZ))

                # Reloaded: a new page, the bridge stays.
                await page.reload()
                await connect(cell, desk, page, "offer()", 3)
                phone.got.clear()
                await until(lambda: has_tone_async(phone, MICROPHONE_HZ))
                await until(lambda: hears(page, CALLEE_HZ))

                # A page that is left can say so, if it closes its connection.
                closed_at = time.monotonic()
                await page.evaluate("pc.close()")
                lost = await cell.wait(port.DeskLost, desk)
                print(f"told {time.monotonic() - closed_at:.2f} s after pc.close: {lost.reason}")

                await connect(cell, desk, page, "offer()", 4)
                closed_at = time.monotonic()
                await page.close()
                lost = await cell.wait(port.DeskLost, desk)
                print(f"told {time.monotonic() - closed_at:.2f} s after the close: {lost.reason}")
            await browser.close()


async def desk_page(browser: Any) -> Page:
    page: Page = await browser.new_page()

    async def serve(route: Any) -> None:
        await route.fulfill(body=_PAGE, content_type="text/html")

    await page.route("https://desk.test/", serve)  # https: else there is no microphone
    await page.goto("https://desk.test/")
    return page


async def connect(cell: Cell, desk: UUID, page: Page, offer: str, number: int) -> None:
    cell.link.send(port.OpenDesk(desk=desk, offer=await page.evaluate(offer), number=number))
    answer = await cell.wait(port.DeskAnswer, desk, within_s=10)
    await page.evaluate("accept", answer.sdp)
    assert (await cell.wait(port.DeskConnected, desk, within_s=10)).number == number


async def hears(page: Page, hz: float) -> bool:
    heard = await page.evaluate("loudest()")
    return abs(heard["hz"] - hz) < 30 and heard["db"] > -40


async def has_tone_async(phone: Any, hz: float) -> bool:
    return has_tone(phone.hears(), hz)


async def until(holds: Callable[[], Awaitable[bool]], within_s: float = 10.0) -> None:
    async with asyncio.timeout(within_s):
        while not await holds():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def tone(path: Path, hz: float) -> Path:
    """A second of it, in whole periods, so that it has no seam when it is repeated."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48000)
        samples = (int(12000 * math.sin(2 * math.pi * hz * n / 48000)) for n in range(48000))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return path
