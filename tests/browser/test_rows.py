"""The table of pages leaves none out."""

from pathlib import Path

import pytest
from webtest import TestApp

from pyregistry.authnz.credentials import SESSION_COOKIE
from pyregistry.http.addresses import is_for_tools
from tests.browser.conftest import Filled
from tests.browser.content import new_world, on_time
from tests.browser.pages import PAGES, Page
from tests.conftest import NewDatabase
from tests.factories.views import contexts_found
from tests.factories.world import PASSWORD, World
from tests.functional.support import session_secret_of
from tests.functional.ui.browsing import BROWSER
from tests.policy.endpoints import ASIDE, ENDPOINTS
from tests.policy.reading import Setting
from tests.policy.staging import Headers, Stage

pytestmark = pytest.mark.browser


def headers_of(world: World, user: str | None) -> Headers:
    """What the browser of a user sends."""
    if user is None:
        return BROWSER
    return {**BROWSER, "Cookie": f"{SESSION_COOKIE}={session_secret_of(world, user)}"}


def pages_of_the_application(stage: Stage) -> dict[type, str]:
    """The contexts whose GET answers with a page for people, and where one of each is."""
    stage.world.user("visitor", password=PASSWORD, is_admin=True)
    headers = headers_of(stage.world, "visitor")
    found = {}
    for method, address, *_ in [(row.method, row.address) for row in ENDPOINTS] + ASIDE:
        if method != "GET" or is_for_tools(address):
            continue
        response = stage.ask(method, address, headers)
        is_elsewhere = 300 <= response.status_int < 400
        if response.content_type == "text/html" and not is_elsewhere:
            name = stage.reached(method, address)
            assert name is not None, address
            found[name[0]] = address
    return found


def classes_reached(filled: Filled, row: Page) -> list[type]:
    """What the address of a row leads to."""
    app: TestApp = filled.world.app
    headers = headers_of(on_time(filled.world), row.user)
    with contexts_found(filled.application) as found:
        app.get(row.address.format(**filled.ids), headers=headers, status=row.status)
    return found


def test_every_page_has_a_row(filled: Filled, new_sqlite: NewDatabase, tmp_path: Path) -> None:
    world, registry = new_world(new_sqlite(), tmp_path, tmp_path / "data")
    pages = pages_of_the_application(Stage(world, registry, Setting("public", "public")))
    shown = {kind for row in PAGES if row.status == 200 for kind in classes_reached(filled, row)}
    world.components.recorder.stop()
    world.components.database.dispose()
    missing = [address for context, address in pages.items() if context not in shown]
    assert not missing, f"say in tests/browser/pages.py who looks at {missing}"
    assert len(pages) >= 30


def test_rows_have_names_of_their_own() -> None:
    names = [row.name for row in PAGES]
    assert sorted(set(names)) == sorted(names)
