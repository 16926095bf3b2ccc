"""A rule is set in the campaign's settings, pauses it, and says so; somebody is told of it."""

from __future__ import annotations

import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.world import World


def test_a_budget_that_is_set_pauses_and_the_banner_and_the_receipt_say_why(
    caesura: World, open_page: Open
) -> None:
    campaign = caesura.dana.send(
        "POST",
        "/campaigns",
        name="thrifty",
        lists=["winter-list"],
        settings=caesura.dana.get("/campaigns/winter/settings")["settings"],
    )
    path = f"/campaigns/{campaign['id']}"
    page = open_page(f"{path}/settings")
    budget = page.get_by_role("group", name="Budget")
    budget.get_by_role("switch").click()
    page.get_by_role("button", name="Save settings").click()
    expect(budget.get_by_text("name a limit")).to_be_visible()
    budget.get_by_label("Attempts in all").fill("3")
    page.get_by_role("button", name="Save settings").click()
    expect(budget.get_by_text("Now: 0 of 3 attempts made; 3 attempts left.")).to_be_visible()

    page.goto(caesura.url + path)
    caesura.dana.send("POST", f"{path}/start")
    banner = page.get_by_text(re.compile(r"by rule: budget — 3 of 3 attempts made;"))
    expect(banner).to_be_visible()
    page.get_by_role("button", name="Full receipt").click()
    expect(page.get_by_role("dialog")).to_contain_text("3 attempts of 3 attempts")
    assert caesura.dana.get(path)["launched"] == 3


def test_a_webhook_is_added_shows_its_key_once_and_a_test_says_what_it_answered(
    caesura: World, open_page: Open
) -> None:
    got: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(418)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        page = open_page("/settings/notifications")
        page.get_by_role("button", name="Add a recipient").first.click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Name").fill("ops")
        dialog.get_by_label("Address").fill(f"http://127.0.0.1:{server.server_address[1]}/")
        dialog.get_by_role("button", name="Add", exact=True).click()
        expect(page.locator("output")).to_contain_text("whsec_")
        page.get_by_role("button", name="I have kept it").click()
        page.get_by_role("button", name="Send a test to ops").click()
        expect(page.get_by_role("dialog", name="Test of ops")).to_contain_text("418")
        assert len(got) == 1
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    caesura.dana.send("DELETE", "/notification-recipients/ops")
