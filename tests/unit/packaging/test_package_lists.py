"""The packages of a project, as its page lists them."""

import itertools
from typing import Any

import pytest

from pyregistry.authnz.identity import Actor
from pyregistry.errors import Invalid
from pyregistry.events.actions import Action
from pyregistry.events.services.record import Happening
from pyregistry.packaging.models import PackageStatus
from pyregistry.packaging.search_texts import search_words
from pyregistry.packaging.services.change import set_status
from pyregistry.packaging.services.downloads import write_pulls
from pyregistry.packaging.services.pages import (
    ListedPackage,
    PackageOrder,
    PackageQuery,
    packages_slice,
)
from pyregistry.slices import Slice, Window
from tests.factories.recorded import publish
from tests.factories.statements import plans, statements
from tests.factories.world import START, World

ALL = Window(20, by_key=True)


@pytest.fixture
def project(world: World) -> int:
    """A project with four packages, of which each order has another first one."""
    project = world.project("acme/core")
    publish(world, project, "bravo", "10.0", size=4, summary="Words of 100% _nothing_")
    world.clock.advance(days=1)
    publish(world, project, "Alpha.Tool", "2.0", size=3, keywords=["fruit"])
    world.clock.advance(days=1)
    publish(world, project, "delta", "9.0", size=1, author="Ada")
    world.clock.advance(days=1)
    publish(world, project, "charlie", "1.0", size=2, summary="Eats fruit")
    other = world.project("acme/other")
    publish(world, other, "another", summary="fruit by Ada", size=9)
    pull = Happening(Action.FILE_PULLED, Actor(), START, project, "acme/core", "delta", "9.0")
    with world.components.database.writing() as session:
        write_pulls(session, [pull])
        set_status(session, project, "charlie", PackageStatus.ARCHIVED, None, Actor(), START)
    return project


def listed(world: World, project: int, window: Window = ALL, **query: Any) -> Slice[ListedPackage]:
    with world.components.database.reading() as session:
        return packages_slice(session, project, PackageQuery(**query), window)


def names(world: World, project: int, **query: Any) -> list[str]:
    return [package.name for package in listed(world, project, **query).rows]


def test_what_is_said_of_a_package(world: World, project: int) -> None:
    package = listed(world, project, words=("ada",)).rows[0]
    assert package == ListedPackage(
        "delta",
        "delta",
        PackageStatus.ACTIVE,
        None,
        "9.0",
        package.published_at,
        storage_bytes=1,
        releases_count=1,
        pulls=1,
    )
    assert (package.published_at - START).days == 2


ORDERS = [
    (PackageOrder.NAME, ["Alpha.Tool", "bravo", "charlie", "delta"]),
    (PackageOrder.VERSION, ["charlie", "Alpha.Tool", "delta", "bravo"]),
    (PackageOrder.PUBLISHED, ["bravo", "Alpha.Tool", "delta", "charlie"]),
    (PackageOrder.SIZE, ["delta", "charlie", "Alpha.Tool", "bravo"]),
    (PackageOrder.PULLS, ["bravo", "Alpha.Tool", "charlie", "delta"]),
]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(("order", "expected"), ORDERS)
def test_orders(
    world: World, project: int, order: PackageOrder, expected: list[str], descending: bool
) -> None:
    wanted = expected[::-1] if descending else expected
    assert names(world, project, order=order, descending=descending) == wanted
    pages: list[str] = []
    cursor = None
    for _ in itertools.count():
        window = Window(1, by_key=True, cursor=cursor)
        found = listed(world, project, window, order=order, descending=descending)
        pages += [package.name for package in found.rows]
        cursor = found.cursor
        if not found.follows:
            break
    assert pages == wanted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fruit", ["Alpha.Tool", "charlie"]),
        ("FRUIT eats", ["charlie"]),
        ("fruit bravo", []),
        ("alpha_tool", ["Alpha.Tool"]),
        ("alpha.tool", ["Alpha.Tool"]),
        ("  ", ["Alpha.Tool", "bravo", "charlie", "delta"]),
        ("100%", ["bravo"]),
        ("%", ["bravo"]),
        ("_nothing_", ["bravo"]),
        ("_", ["bravo"]),
        ("/", []),
        ("elt", ["delta"]),
    ],
)
def test_words(world: World, project: int, text: str, expected: list[str]) -> None:
    assert names(world, project, words=search_words(text)) == expected


def test_status(world: World, project: int) -> None:
    assert names(world, project, status=PackageStatus.ARCHIVED) == ["charlie"]
    assert names(world, project, status=PackageStatus.QUARANTINED) == []
    assert names(world, project, status=PackageStatus.ARCHIVED, words=("ada",)) == []


def test_pages_by_number_know_how_many_there_are(world: World, project: int) -> None:
    found = listed(world, project, Window(1, offset=1), words=("fruit",))
    assert ([package.name for package in found.rows], found.total) == (["charlie"], 2)


def test_a_cursor_of_another_order(world: World, project: int) -> None:
    cursor = listed(world, project, Window(1, by_key=True)).cursor
    with pytest.raises(Invalid, match="cursor"):
        listed(world, project, Window(1, by_key=True, cursor=cursor), order=PackageOrder.PULLS)


@pytest.mark.parametrize("words", [(), ("e",)])
@pytest.mark.parametrize("status", [None, PackageStatus.ACTIVE])
@pytest.mark.parametrize("order", PackageOrder)
def test_two_queries_and_the_index_of_the_order(
    world: World, project: int, order: PackageOrder, status: Any, words: Any
) -> None:
    with statements(world) as executed:
        listed(world, project, order=order, status=status, words=words)
    assert len(executed) == 2
    if world.components.database.kind != "sqlite":
        return  # PostgreSQL plans by what there is: the benchmark shows how well.
    plan = plans(world, executed)[0]
    assert "COVERING INDEX ix_packages_project_id_" in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize(
    "text", ["a b c d e f g h i", "a" * 101, "a" * 100_000, "\x00", "\ud800", "ﬃ" * 100]
)
def test_what_is_too_much_to_look_for(text: str) -> None:
    with pytest.raises(Invalid):
        search_words(text)


def test_words_are_folded_and_each_is_one() -> None:
    assert search_words(" Straße\tSTRASSE  x\N{NO-BREAK SPACE}y ") == ("strasse", "x", "y")
    assert search_words("a b c d e f g " + "h" * 100)[-1] == "h" * 100
