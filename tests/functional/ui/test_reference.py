"""The page that shows the API to people."""

from collections import Counter

import pytest

from pyregistry.api.openapi.document import all_operations, document
from tests.factories.world import World
from tests.functional.ui.browsing import hrefs, main_text, signed_in, visit

pytestmark = pytest.mark.thorough

ADDRESS = "/-/api"


def test_anyone_may_see_it_and_every_page_leads_there(world: World) -> None:
    assert ADDRESS in hrefs(visit(world, "/"))
    assert "The API" in main_text(visit(world, ADDRESS))


def test_code_stands_in_no_backticks(world: World) -> None:
    assert "`" not in main_text(visit(world, ADDRESS))


def test_it_is_the_same_for_who_is_signed_in(world: World) -> None:
    before = main_text(visit(world, ADDRESS))
    signed_in(world, "ann")
    assert main_text(visit(world, ADDRESS)) == before


def test_every_operation_is_shown_once(world: World) -> None:
    page = visit(world, ADDRESS)
    shown = Counter(
        (operation.find(class_="method").text, path.text)
        for operation in page.html.find_all(class_="operation")
        if operation.find(class_="method")
        for path in operation.find(class_="operation-paths").find_all("code")
    )
    assert set(shown.values()) == {1}
    assert shown.keys() == {(operation.method, operation.path) for operation in all_operations()}


def test_its_links_lead_somewhere(world: World) -> None:
    page = visit(world, ADDRESS)
    ids = [element["id"] for element in page.html.find_all(id=True)]
    assert len(ids) == len(set(ids))
    within = {link.removeprefix("#") for link in hrefs(page) if link.startswith("#")}
    assert within <= set(ids)
    assert "object-Member" in within
    assert "http://localhost/api/v4/openapi.json" in hrefs(page)


def test_every_object_of_the_document_is_shown(world: World) -> None:
    page = visit(world, ADDRESS)
    for name, schema in document()["components"]["schemas"].items():
        shown = page.html.find(id=f"object-{name}").find_all("dt")
        assert [each.code.text for each in shown] == list(schema["properties"])


def test_it_runs_nothing_of_its_own(world: World) -> None:
    page = visit(world, ADDRESS)
    assert "style-src 'self'" in page.headers["Content-Security-Policy"]
    assert all(script["src"] and not script.text for script in page.html.find_all("script"))
    assert not page.html.find_all(style=True)
