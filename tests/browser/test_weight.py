"""How much a browser has to load."""

import pytest
from playwright.sync_api import Response

from tests.browser.visits import Visits

pytestmark = pytest.mark.browser

MOST = 100_000  # bytes of HTML, CSS and JavaScript, uncompressed
ROWS = 50
OURS = ("document", "stylesheet", "script")


def test_a_page_of_fifty_packages(visits: Visits) -> None:
    page = visits.begin(user="dora")
    loaded: list[Response] = []
    page.on("response", lambda response: loaded.append(response))  # noqa: PLW0108
    page.goto("/acme/data/warehouse/")
    assert page.locator("tbody tr").count() == ROWS
    weights = {
        response.url: len(response.body())
        for response in loaded
        if response.request.resource_type in OURS
    }
    assert len(weights) >= len(OURS)
    assert sum(weights.values()) <= MOST, weights
