"""Finding packages: everywhere, and in a group."""

from collections.abc import Sequence
from typing import Any

import pytest
from webtest import TestResponse

from pyregistry.authnz.identity import Actor
from pyregistry.authnz.roles import Role
from pyregistry.packaging.models import PackageStatus
from pyregistry.packaging.services.change import set_status
from tests.factories.recorded import publish
from tests.factories.switches import let_anyone_pull, turn
from tests.factories.tree import CALLERS, PROJECTS, headers_of
from tests.factories.world import PASSWORD, World
from tests.functional.support import statements
from tests.functional.ui.browsing import BROWSER, hrefs, main_text, signed_in, visit


def packages(page: TestResponse) -> list[str]:
    """The addresses of the packages that were found, in their order."""
    return [link["href"] for link in page.html.select("#search-results .card-title")]


def found(world: World, text: str, place: str = "/-/search") -> list[str]:
    return packages(world.app.get(place, params={"q": text}, headers=BROWSER))


@pytest.fixture
def shelf(world: World) -> World:
    """Packages about data feeds, in two public projects."""
    core, tools = world.project("acme/core", "public"), world.project("open/tools", "public")
    publish(world, core, "Data.Feed", "1.0", summary="The one")
    publish(world, tools, "data-feed-extra", summary="More of it", author="Ada Lovelace")
    publish(world, tools, "my-data-feed", "0.1")
    publish(world, core, "cooking", summary="Feeds people with data", keywords=["kitchen"])
    return world


def test_the_best_come_first(shelf: World) -> None:
    assert found(shelf, "data feed") == [
        "/acme/core/data-feed/",
        "/open/tools/data-feed-extra/",
        "/open/tools/my-data-feed/",
        "/acme/core/cooking/",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LOVELACE", ["/open/tools/data-feed-extra/"]),
        ("kitchen", ["/acme/core/cooking/"]),
        ("people", ["/acme/core/cooking/"]),
        ("data_feed_extra", ["/open/tools/data-feed-extra/"]),
        ("data no-such", []),
        ("%", []),
    ],
)
def test_by_name_summary_keywords_and_author(shelf: World, text: str, expected: list[str]) -> None:
    assert found(shelf, text) == expected


def test_a_hit_tells_project_version_and_summary(shelf: World) -> None:
    with shelf.components.database.writing() as session:
        project = (
            session.connection()
            .exec_driver_sql("SELECT project_id FROM packages WHERE name = 'cooking'")
            .scalar_one()
        )
        status = PackageStatus.DEPRECATED
        set_status(session, project, "cooking", status, None, Actor(), shelf.clock())
    page = visit(shelf, "/-/search?q=kitchen")
    (card,) = page.html.select("#search-results .card")
    text = " ".join(card.get_text(" ").split())
    assert text == (
        "cooking 1.0 Deprecated Feeds people with data in the project acme/core just now"
    )
    assert "/acme/core/" in hrefs(page)
    assert page.html.title.text == "kitchen · Search · pyregistry"
    assert page.html.find("h2", id="search-summary").text == "1 package."


def test_from_the_header_of_any_page(shelf: World) -> None:
    forms = visit(shelf, "/acme/").forms.values()
    form = next(form for form in forms if form.action == "/-/search")
    form["q"] = "kitchen"
    assert packages(form.submit(headers=BROWSER)) == ["/acme/core/cooking/"]


def test_nothing_is_asked_for(shelf: World) -> None:
    for query in ("", "?q=", "?q=+"):
        page = visit(shelf, f"/-/search{query}")
        assert packages(page) == []
        assert "All words must fit" in main_text(page)


def test_nothing_is_found(shelf: World) -> None:
    page = visit(shelf, "/-/search?q=no-such")
    assert "No package fits. All words must fit the latest release" in main_text(page)
    assert "Who signs in may find more." in main_text(page)
    assert page.forms["search"]["q"].value == "no-such"
    shelf.group("void", "public")
    nothing = main_text(visit(shelf, "/void/-/packages"))
    assert "There is no package that you may read." in nothing


@pytest.mark.parametrize("place", ["/-/search", "/acme/-/packages"])
def test_pages_by_key(world: World, place: str) -> None:
    project = world.project("acme/core", "public")
    for number in range(53):
        publish(world, project, f"package-{number:02}")
    page = visit(world, f"{place}?q=package")
    seen = packages(page)
    assert "25 packages on this page, and there are more." in main_text(page)
    first = seen
    while page.html.find("a", rel="next"):
        page = page.click("Next page")
        seen = seen + packages(page)
    assert len(seen) == len(set(seen)) == 53
    assert packages(page.click("First page")) == first
    assert "3 packages on this page." in main_text(page)


@pytest.mark.parametrize("place", ["/-/search", "/acme/-/packages"])
@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("q=a+b+c+d+e+f+g+h+i", "Look for at most 8 words."),
        ("q=" + "a" * 101, "100 characters"),
        ("q=" + "a" * 5000, "100 characters"),
        ("q=" + "a+" * 5000, "Look for at most 8 words."),
    ],
)
def test_what_cannot_be_looked_for_stands_in_the_form_again(
    shelf: World, place: str, query: str, sentence: str
) -> None:
    page = visit(shelf, f"{place}?{query}", status=400)
    assert sentence in main_text(page)
    assert page.forms["search"]["q"].value.startswith("a")
    assert packages(page) == []


@pytest.mark.parametrize("place", ["/-/search", "/acme/-/packages"])
@pytest.mark.parametrize(
    "query", ["q=%00", "q=%FF", "q=%ED%A0%80", "q=data&after=x", "q=data&after=%FF", "after=x"]
)
def test_what_is_wrong_is_refused(shelf: World, place: str, query: str) -> None:
    assert "Error" not in main_text(visit(shelf, f"{place}?{query}", status=400))


def test_hostile_words_are_shown_as_text(shelf: World) -> None:
    page = visit(shelf, "/-/search?q=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    assert "<script>alert" not in page.text
    assert page.forms["search"]["q"].value == '"><script>alert(1)</script>'


SEEN: dict[str, set[str]] = {
    "nobody": {"open/lib"},
    "external stranger": {"open/lib"},
    "internal stranger": {"open/lib", "open/inside/lib", "house/app"},
    "administrator": set(PROJECTS),
    # A guest sees private projects, and no packages in them.
    "guest of open": {"open/lib"},
    "owner of closed": {"open/lib", "open/closed/deep/lib"},
    "reporter in the room": {"open/lib", "house/room/app"},
    "maintainer of the team": {"open/lib", "secret/team/app"},
    "a bot of the team": {"open/lib", "secret/team/app"},
}


@pytest.mark.parametrize("who", CALLERS)
def test_everyone_finds_what_they_may_read_and_nothing_else(
    world: World, grown: dict[str, int], who: str
) -> None:
    ids = grown
    for path in PROJECTS:
        publish(world, ids[path], f"sought-{path.replace('/', '-')}", summary="sought after")
    # Its pages stay as they are.
    let_anyone_pull(world, "open/tool")
    headers = {**headers_of(world, who), **BROWSER}
    for place, inside in (("/-/search", ""), ("/open/-/packages", "open/")):
        expected = {path for path in SEEN[who] if path.startswith(inside)}
        for words in ("sought", "after", "sought-open sought"):
            page = world.app.get(place, params={"q": words}, headers=headers)
            paths = {address.rsplit("/", 2)[0].strip("/") for address in packages(page)}
            fitting = {path for path in expected if "open" in path or "open" not in words}
            assert paths == fitting, (place, words)
            for hidden in set(PROJECTS) - expected:
                assert hidden not in page.text
    everything = world.app.get("/open/-/packages", headers=headers)
    paths = {address.rsplit("/", 2)[0].strip("/") for address in packages(everything)}
    assert paths == {path for path in SEEN[who] if path.startswith("open/")}


def test_what_is_turned_off_is_not_found(shelf: World) -> None:
    turn(shelf, "acme/core", on=False)
    assert found(shelf, "kitchen") == []
    assert packages(visit(shelf, "/acme/-/packages")) == []


def test_a_group_lists_its_packages_by_name(shelf: World) -> None:
    publish(shelf, shelf.project("acme/inner/deep", "public"), "bread")
    page = visit(shelf, "/acme/-/packages")
    assert packages(page) == [
        "/acme/inner/deep/bread/",
        "/acme/core/cooking/",
        "/acme/core/data-feed/",
    ]
    assert found(shelf, "data", "/acme/-/packages") == [
        "/acme/core/data-feed/",
        "/acme/core/cooking/",
    ]


def test_the_packages_of_a_hidden_group_are_not_there(world: World) -> None:
    world.group("acme")
    assert visit(world, "/acme/-/packages", status=303)
    signed_in(world, "ada")
    hidden = visit(world, "/acme/-/packages", status=404)
    assert hidden.text == visit(world, "/emca/-/packages", status=404).text.replace("emca", "acme")


def test_a_project_has_a_list_of_its_own(shelf: World) -> None:
    visit(shelf, "/acme/core/-/packages", status=404)


@pytest.mark.parametrize("address", ["/-/search?q=package", "/acme/-/packages"])
def test_it_costs_the_same_for_few_and_for_many(world: World, address: str) -> None:
    def executed() -> Sequence[str]:
        with statements(world) as found:
            visit(world, address)
        return found

    publish(world, world.project("acme/core", "public"), "package-0")
    few = executed()
    for number in range(1, 60):
        publish(world, world.project(f"acme/core-{number}", "public"), f"package-{number}")
    assert len(executed()) == len(few) <= 5


def test_a_page_is_light(world: World) -> None:
    project = world.project("acme/core", "public")
    for number in range(50):
        publish(world, project, f"package-{number}", summary="What this package is for. " * 4)
    page = visit(world, "/-/search?q=package")
    static = {link["href"] for link in page.html.find_all("link", rel="stylesheet")}
    static |= {script["src"] for script in page.html.find_all("script")}
    assert any("search.js" in address for address in static)
    assert len(page.body) + sum(len(world.app.get(each).body) for each in static) < 100_000


def test_members_find_what_is_private(world: World) -> None:
    publish(world, world.project("acme/core"), "hidden-thing")
    world.user("rita", password=PASSWORD)
    assert found(world, "hidden") == []
    world.member("acme/core", "rita", Role.REPORTER)
    signed_in(world, "rita")
    assert found(world, "hidden") == ["/acme/core/hidden-thing/"]


def headers_sent(world: World, address: str) -> Any:
    return visit(world, address).headers


def test_the_script_may_ask_this_host_alone(world: World) -> None:
    assert "connect-src 'self'" in headers_sent(world, "/-/search")["Content-Security-Policy"]
