"""axe-core finds nothing serious, in both themes (WCAG 2.2 A and AA)."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.world import World

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
_RUN = """async () => {
  const found = await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  });
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 200))]);
}"""


def violations(page: Page) -> list[object]:
    """What axe-core finds serious or critical."""
    # Not as a script element: the page's content security policy forbids those, as it should.
    page.evaluate(AXE.read_text())
    found: list[object] = page.evaluate(_RUN)
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_main_pages_have_no_serious_violation(
    caesura: World, open_page: Open, spring: str, theme: str
) -> None:
    caesura.dana.send("PUT", "/session/preferences", theme=theme)
    page = open_page(theme=theme)
    expect(page.get_by_role("link", name="spring", exact=True)).to_be_visible()
    found = {"campaigns": violations(page)}
    for tab in ("", "/leads", "/calls", "/agents", "/settings", "/history"):
        page.goto(caesura.url + page_path(spring, tab))
        expect(page.get_by_role("heading", name="spring")).to_be_visible()
        expect(page.get_by_role("status", name="Loading")).to_have_count(0)
        found[tab or "overview"] = violations(page)
    page.get_by_role("button", name="Pause spring", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.wait_for_timeout(300)  # the dialog fades in, and half-faded text has little contrast
    found["dialog"] = violations(page)
    assert {place: what for place, what in found.items() if what} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_sign_in_page_has_no_serious_violation(open_page: Open, theme: str) -> None:
    page = open_page(theme=theme, signed_in=False)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert violations(page) == []


def page_path(spring: str, tab: str) -> str:
    return spring + tab
