"""What one page's stream hands out."""

from __future__ import annotations

from caesura.web.desk_live import Page


async def test_a_slow_page_finds_only_the_newest_view() -> None:
    page = Page(1)
    page.offer("one")
    page.offer("two")
    assert await page.take(1) == "two"
    assert await page.take(0.01) is None


async def test_the_same_view_is_no_news() -> None:
    page = Page(1)
    page.offer("one")
    assert await page.take(1) == "one"
    page.offer("one")
    assert await page.take(0.01) is None
    page.offer("two")
    page.offer("one")  # as it was when the page took it last
    assert await page.take(0.01) is None


async def test_a_closed_page_does_not_wait() -> None:
    page = Page(1)
    page.close()
    assert await page.take(60) is None
    assert page.closed
