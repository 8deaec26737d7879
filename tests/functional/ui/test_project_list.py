"""The list of a project's packages: searched, sorted, filtered, and shared by its address."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import insert, select
from webtest import TestResponse

from pyregistry.authnz.identity import Actor
from pyregistry.packaging.models import Package, PackageStatus
from pyregistry.packaging.services.change import set_status
from tests.factories.distributions import wheel
from tests.factories.recorded import publish
from tests.factories.world import World
from tests.functional.support import statements
from tests.functional.ui.browsing import hrefs, main_text, visit

PROJECT = "/acme/core/"


@pytest.fixture
def project(world: World) -> int:
    """A public project with three packages, each first by another order."""
    project = world.project("acme/core", "public")
    publish(world, project, "alpha", "2.0", summary="Reads files")
    world.clock.advance(days=1)
    publish(world, project, "beta", "10.0", summary="Writes files", author="Ada Lovelace")
    world.clock.advance(days=1)
    publish(world, project, "gamma", "1.0", keywords=["contracts"])
    with world.components.database.writing() as session:
        for package in session.scalars(select(Package)):
            package.storage_bytes = {"alpha": 10, "beta": 1, "gamma": 2_000_000}[package.name]
            package.pulls_count = {"alpha": 5, "beta": 1_234, "gamma": 0}[package.name]
    return project


def names(page: TestResponse) -> list[str]:
    """The packages that the page lists."""
    table = page.html.find("tbody")
    return [row.find("a").get_text() for row in table.find_all("tr")] if table else []


def head(page: TestResponse, label: str) -> Any:
    """The head of a column."""
    (found,) = [cell for cell in page.html.find("thead").find_all("th") if label in cell.text]
    return found


def fill(world: World, project: int, count: int) -> None:
    """Copies of one package, all of which stand alike in every order but by name."""
    with world.components.database.writing() as session:
        row = session.scalars(select(Package)).first()
        assert row is not None
        known = {column.name: getattr(row, column.name) for column in row.__table__.columns}
        del known["id"]
        copies = [{"name": f"p-{n:03}", "normalized_name": f"p-{n:03}"} for n in range(count)]
        session.execute(insert(Package), [{**known, **copy} for copy in copies])


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", ["alpha", "beta", "gamma"]),
        ("name", ["alpha", "beta", "gamma"]),
        ("-name", ["gamma", "beta", "alpha"]),
        ("version", ["gamma", "alpha", "beta"]),
        ("-version", ["beta", "alpha", "gamma"]),
        ("published", ["alpha", "beta", "gamma"]),
        ("-published", ["gamma", "beta", "alpha"]),
        ("size", ["beta", "alpha", "gamma"]),
        ("-size", ["gamma", "alpha", "beta"]),
        ("pulls", ["gamma", "alpha", "beta"]),
        ("-pulls", ["beta", "alpha", "gamma"]),
    ],
)
def test_every_order(world: World, project: int, sort: str, expected: list[str]) -> None:
    assert names(visit(world, f"{PROJECT}?sort={sort}")) == expected


def test_heads_of_columns_sort_and_turn_round(world: World, project: int) -> None:
    page = visit(world, PROJECT)
    assert head(page, "Package")["aria-sort"] == "ascending"
    assert "aria-sort" not in head(page, "Pulls").attrs
    most = visit(world, head(page, "Pulls").a["href"])
    assert names(most) == ["beta", "alpha", "gamma"]
    assert head(most, "Pulls")["aria-sort"] == "descending"
    fewest = visit(world, head(most, "Pulls").a["href"])
    assert names(fewest) == ["gamma", "alpha", "beta"]
    assert head(fewest, "Pulls")["aria-sort"] == "ascending"
    assert head(fewest, "Package").a["href"] == PROJECT


def test_what_a_row_tells(world: World, project: int) -> None:
    page = visit(world, f"{PROJECT}?sort=-pulls")
    row = " ".join(page.html.find("tbody").tr.get_text(" ").split())
    assert row == "beta Writes files 10.0 1 day ago 1 byte 1,234 pulls"
    assert page.html.find("tbody").time["title"] == "24 November 2026, 12:00 UTC"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ALPH", ["alpha"]),
        ("files", ["alpha", "beta"]),
        ("lovelace", ["beta"]),
        ("contracts", ["gamma"]),
        ("files writes", ["beta"]),
        ("%", []),
        ("  ", ["alpha", "beta", "gamma"]),
    ],
)
def test_words_find_packages(world: World, project: int, text: str, found: list[str]) -> None:
    page = visit(world, PROJECT)
    form = page.forms["packages-filter"]
    form["q"] = text
    page = form.submit()
    assert names(page) == found
    assert page.html.find("input", id="packages-words")["value"] == text.strip()


def test_a_status_chooses(world: World, project: int) -> None:
    with world.components.database.writing() as session:
        status = PackageStatus.DEPRECATED
        set_status(session, project, "beta", status, None, Actor(), world.clock())
    page = visit(world, f"{PROJECT}?sort=-name")
    form = page.forms["packages-filter"]
    form["status"] = "deprecated"
    page = form.submit()
    assert names(page) == ["beta"]
    assert parse_qs(urlsplit(page.request.url).query)["sort"] == ["-name"]
    assert page.forms["packages-filter"]["status"].value == "deprecated"
    assert names(visit(world, f"{PROJECT}?status=active&q=files")) == ["alpha"]


def test_nothing_found_leads_back(world: World, project: int) -> None:
    page = visit(world, f"{PROJECT}?q=no-such&sort=-size")
    assert "No package fits. Show all 3 packages" in main_text(page)
    assert names(page.click("Show all 3 packages")) == ["gamma", "alpha", "beta"]


@pytest.mark.parametrize("sort", ["", "-name", "-version", "published", "size", "-pulls"])
def test_pages_by_key_keep_what_was_chosen(world: World, project: int, sort: str) -> None:
    fill(world, project, 103)
    page = visit(world, f"{PROJECT}?sort={sort}&status=active")
    seen = names(page)
    while page.html.find("a", rel="next"):
        page = page.click("Next page")
        assert names(page)
        seen += names(page)
        query = parse_qs(urlsplit(page.request.url).query)
        assert query["status"] == ["active"]
        assert query.get("sort", [""]) == [sort]
    assert len(seen) == len(set(seen)) == 106
    first = page.html.find("a", rel="first")
    assert names(visit(world, first["href"])) == seen[:50]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("sort=colour", "sort is one of name, version, published, size, pulls"),
        ("sort=--name", "sort is one of"),
        ("sort=-", "sort is one of"),
        ("sort=NAME", "sort is one of"),
        ("status=gone", "status is one of active, archived, deprecated, quarantined"),
        ("after=nonsense", "begin again with its first page"),
        ("after=%FF", ""),
        ("after=" + "a" * 3000, "begin again with its first page"),
        ("q=" + "+".join("abcdefghi"), "Look for at most"),
        ("q=" + "a" * 101, ""),
        ("q=%00", ""),
        ("q=%ED%A0%80", ""),
    ],
)
def test_what_is_wrong_is_told(world: World, project: int, query: str, sentence: str) -> None:
    page = visit(world, f"{PROJECT}?{query}", status=400)
    assert sentence in main_text(page)
    assert len(main_text(page)) > len("400 Bad Request Go to the first page")


def test_the_place_of_one_order_is_none_in_another(world: World, project: int) -> None:
    fill(world, project, 60)
    (following,) = [link["href"] for link in visit(world, PROJECT).html.find_all("a", rel="next")]
    visit(world, f"{following}&sort=-pulls", status=400)


def test_what_nobody_chose_is_no_part_of_links(world: World, project: int) -> None:
    links = {link for link in hrefs(visit(world, PROJECT)) if link.startswith(f"{PROJECT}?")}
    assert links == {
        f"{PROJECT}?sort={order}"
        for order in ("-name", "-version", "-published", "-size", "-pulls")
    }


def statements_of(world: World, address: str) -> Sequence[str]:
    with statements(world) as executed:
        visit(world, address)
    return executed


@pytest.mark.parametrize("query", ["", "?sort=-pulls", "?q=p&sort=-size&status=active"])
def test_it_costs_the_same_for_few_and_for_many(world: World, project: int, query: str) -> None:
    few = statements_of(world, PROJECT + query)
    for number in range(60):
        publish(world, project, f"p-{number}")
    many = statements_of(world, PROJECT + query)
    assert len(many) == len(few) <= 4


def test_a_page_of_fifty_is_light(world: World, project: int) -> None:
    for number in range(50):
        publish(world, project, f"package-{number}", summary="What this package is for. " * 4)
    page = visit(world, PROJECT)
    static = {link["href"] for link in page.html.find_all("link", rel="stylesheet")}
    static |= {script["src"] for script in page.html.find_all("script")}
    size = len(page.body) + sum(len(world.app.get(address).body) for address in static)
    assert size < 100_000


def test_pulls_are_counted(world: World) -> None:
    world.project("acme/core", "public")
    upload = wheel("alpha", "1.0")
    world.upload("acme/core", upload)
    world.app.get(f"/acme/core/-/files/{upload.sha256}/{upload.filename}")
    world.components.recorder.flush()
    world.clock.advance(seconds=timedelta(hours=1).total_seconds())
    assert "1 pull" in main_text(visit(world, PROJECT))


def test_a_long_summary_is_cut_in_lists(world: World) -> None:
    """Fifty of 20,000 characters would be a page of a megabyte."""
    world.project("acme/core", "public")
    world.upload("acme/core", wheel("demo", metadata={"Summary": "long " * 3000}))
    for address in ("/acme/core/", "/-/search?q=demo", "/acme/-/packages?q=demo"):
        text = main_text(visit(world, address))
        assert "long long..." in text, address
        assert 50 < text.count("long") < 110, address
