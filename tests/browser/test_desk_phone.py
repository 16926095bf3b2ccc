"""An agent on a phone: the page asks for no microphone, and says how the phone stands."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Open, picture
from tests.browser.test_accessibility import violations
from tests.browser.world import Manager, World
from tests.peers.practice import RunningCarrier, practice_carrier

NEVER_HANGS_UP, BUSY = "+14155550111", "+14155550102"
# Whoever asks for a microphone finds this out.
_NO_MICROPHONE = """
window.asked = 0;
if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = async () => {
  window.asked += 1;
  throw new DOMException("", "NotAllowedError");
};
"""


@pytest.fixture
def office(caesura: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCarrier]:
    """Where agents' phones are; nothing of it is left for other tests."""
    with practice_carrier(tmp_path_factory.mktemp("office"), "--ring-s", "1-1") as carrier:
        host, port = carrier.address
        caesura.dana.send("POST", "/trunks", name="desk-phones", host=host, port=port)
        yield carrier
        caesura.dana.send("PATCH", "/agents/vera", phone=None)
        caesura.dana.send("DELETE", "/trunks/desk-phones")


def set_phone(manager: Page, address: str) -> None:
    """As a manager does, on the page Agents."""
    manager.get_by_role("button", name="Change vera").click()
    dialog = manager.get_by_role("dialog")
    if not dialog.get_by_label("Phone", exact=True).is_visible():
        dialog.get_by_text("A phone", exact=True).click()
    dialog.get_by_label("Phone", exact=True).fill(address)
    dialog.get_by_role("combobox", name="Called over").click()
    manager.get_by_role("option", name="desk-phones").click()
    dialog.get_by_role("combobox", name="Sees this number").click()
    manager.get_by_role("option", name="+14155550100").click()


def test_a_shift_on_a_phone_rings_it_again_where_it_was_busy_and_needs_no_microphone(
    caesura: World, open_page: Open, office: RunningCarrier
) -> None:
    made = caesura.dana.send("POST", "/agents", name="vera")
    vera = Manager(caesura.url, "vera", made["password"])
    manager = open_page("/agents")
    set_phone(manager, "nobody")
    manager.get_by_role("button", name="Save").click()
    expect(manager.get_by_text(re.compile("'nobody'"))).to_be_visible()  # at the field
    manager.get_by_label("Phone", exact=True).fill(BUSY)
    picture(manager, "agents-phone-form")
    assert violations(manager) == []
    manager.get_by_role("button", name="Save").click()
    row = manager.get_by_role("row", name=re.compile("vera"))
    expect(row).to_contain_text(BUSY)

    page = open_page("/campaigns", by=vera)
    page.add_init_script(_NO_MICROPHONE)
    page.goto(f"{caesura.url}/desk")
    expect(page.get_by_text(re.compile(f"^{re.escape(BUSY)} rings once"))).to_be_visible()
    picture(page, "desk-phone-begin")
    page.get_by_role("button", name="Begin the shift, ring my phone").click()
    expect(page.get_by_role("heading", name="Your phone was busy")).to_be_visible()
    expect(row).to_contain_text("phone busy")
    picture(page, "desk-phone-busy")
    assert violations(page) == []
    set_phone(manager, NEVER_HANGS_UP)
    manager.get_by_role("button", name="Save").click()
    expect(row).to_contain_text(NEVER_HANGS_UP)
    page.get_by_role("button", name="Ring again").click()
    expect(page.get_by_role("heading", name="Answer your phone")).to_be_visible()
    picture(page, "desk-phone-rings")
    page.set_viewport_size(PHONE)
    picture(page, "desk-phone-rings-narrow")
    chip = page.get_by_role("button", name="Your phone: Line ready")
    expect(chip).to_be_visible()
    chip.click()
    expect(page.get_by_text("stays connected until you go home")).to_be_visible()
    picture(page, "desk-phone-ready-narrow")
    page.reload()  # the phone stays connected, and is not rung once more
    expect(page.get_by_role("button", name="Your phone: Line ready")).to_be_visible()
    assert page.evaluate("window.asked") == 0
    assert len(office.invites()) == 2
    page.close()
    vera.send("DELETE", "/desk")
    office.wait_for("bye")
    vera.close()
