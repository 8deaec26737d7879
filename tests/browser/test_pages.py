"""Every page, in every size and colour scheme: accessible, well laid out, and photographed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Response, Route
from playwright.sync_api import Page as BrowserPage

from tests.browser.checks import check_accessible, check_layout, open_details
from tests.browser.conftest import Filled
from tests.browser.pages import PAGES, Page
from tests.browser.visits import PHONE, SCHEMES, SIZES, Size, Visits, is_pictured
from tests.clients.server import Server
from tests.factories.world import World

pytestmark = pytest.mark.browser


PAINTED = """() => new Promise((resolve) => {
  const observer = new PerformanceObserver(resolve);
  observer.observe({type: "paint", buffered: true});
})"""


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
@pytest.mark.parametrize("row", PAGES, ids=lambda row: row.name)
def test_page(visits: Visits, filled: Filled, screenshots: Path, row: Page, size: Size) -> None:
    page = visits.begin(user=row.user, size=size)
    response = open_with_late_scripts(page, row.address.format(**filled.ids))
    assert response.status == row.status
    check_layout(page)
    # A page reacts at once when somebody changes to the other scheme: it is loaded only once.
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        if not is_pictured(size, scheme):
            continue
        page.screenshot(path=screenshots / f"{row.name}-{size.name}-{scheme}.png", full_page=True)
    if size is PHONE:
        return  # the same elements and colours: axe would take as long again
    open_details(page)
    check_accessible(page)
    page.emulate_media(color_scheme="light")
    check_accessible(page, colours_only=True)


@pytest.fixture(scope="module")
def without_javascript(
    chromium: Browser, server: Server, world: World
) -> Iterator[Callable[[str | None, str], BrowserPage]]:
    """Opens an address as somebody, one after the other in one window: new ones take time."""
    visits = Visits(chromium, server, world)
    pages: dict[str | None, BrowserPage] = {}

    def opened(user: str | None, address: str) -> BrowserPage:
        if user not in pages:
            pages[user] = visits.begin(user=user, size=PHONE, javascript=False)
        pages[user].goto(address)
        troubles = visits.new_troubles()
        assert not troubles, "\n".join(troubles)
        return pages[user]

    yield opened
    visits.end()


@pytest.mark.parametrize("row", PAGES, ids=lambda row: row.name)
def test_page_without_javascript(
    without_javascript: Callable[[str | None, str], BrowserPage], filled: Filled, row: Page
) -> None:
    page = without_javascript(row.user, row.address.format(**filled.ids))
    check_layout(page, javascript=False)


def open_with_late_scripts(page: BrowserPage, address: str) -> Response:
    """Open a page whose scripts come after it was painted, which is the worst that can happen."""
    late: list[Route] = []
    # The list's own method would do, had it a place for what Playwright notes in handlers.
    page.route("**/*.js*", lambda route: late.append(route))  # noqa: PLW0108
    response = page.goto(address, wait_until="commit")
    assert response is not None
    page.evaluate(PAINTED)
    page.route("**/*.js*", lambda route: route.continue_())
    for route in late:
        route.continue_()
    page.wait_for_load_state()
    return response
