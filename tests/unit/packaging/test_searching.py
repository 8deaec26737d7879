"""Searching the packages that somebody may read, in whatever project."""

from datetime import timedelta
from typing import Any

import pytest

from pyregistry.authnz.identity import Actor, Viewer
from pyregistry.authnz.roles import Role
from pyregistry.errors import Invalid
from pyregistry.namespaces.services.create import find
from pyregistry.packaging.models import PackageStatus
from pyregistry.packaging.search_texts import search_words
from pyregistry.packaging.services import readable_projects, searching
from pyregistry.packaging.services.change import set_status
from pyregistry.packaging.services.searching import search_packages
from pyregistry.slices import Slice
from tests.factories.recorded import publish
from tests.factories.statements import plans, statements
from tests.factories.switches import let_anyone_pull, turn
from tests.factories.world import World

VISIBILITIES = ("private", "internal", "public")


@pytest.fixture(params=[True, False], ids=["few", "many"])
def _few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few projects and few results are treated in another way than many: both must be right."""
    if not request.param:
        monkeypatch.setattr(readable_projects, "_MANY_PROJECTS", 0)
        monkeypatch.setattr(searching, "_FEW", 0)


def viewer(world: World, username: str | None, **kind: bool) -> Viewer:
    """Somebody by their name, or nobody."""
    kind = {"is_admin": False, "is_internal": username is not None, **kind}
    return Viewer(world.users[username] if username else None, now=world.clock(), **kind)


def search(world: World, who: Viewer, text: str, **options: Any) -> Slice[Any]:
    with world.components.database.reading() as session:
        return search_packages(session, who, search_words(text), **{"size": 20, **options})


def names(world: World, text: str, who: Viewer | None = None, **options: Any) -> list[str]:
    found = search(world, who or viewer(world, None, is_admin=True), text, **options)
    return [package.name for package in found.rows]


@pytest.fixture
def shelf(world: World, _few: None) -> World:
    """Packages about data feeds, in a project."""
    project = world.project("acme/core")
    for name, metadata in (
        ("Data.Feed", {"summary": "The one"}),
        ("data-feed-extra", {}),
        ("my-data-feed", {}),
        ("database", {"keywords": ["feed"]}),
        ("cooking", {"summary": "Feeds people with DATA: 50%_of them"}),
        ("alpha", {"author": "Ada Lovelace"}),
        ("beta", {"author_email": "Ada Lovelace <x@example.org>"}),
        ("nothing", {}),
    ):
        publish(world, project, name, **metadata)
    return world


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("data feed", ["Data.Feed", "data-feed-extra", "my-data-feed", "cooking", "database"]),
        ("data_feed", ["Data.Feed", "data-feed-extra", "my-data-feed"]),
        ("DATA.feed", ["Data.Feed", "data-feed-extra", "my-data-feed"]),
        ("data_", ["Data.Feed", "data-feed-extra", "my-data-feed"]),
        ("feed data", ["cooking", "Data.Feed", "data-feed-extra", "database", "my-data-feed"]),
        ("lovelace ada", ["alpha", "beta"]),
        ("ada beta", ["beta"]),
        ("example.org", []),
        ("%", ["cooking"]),
        ("50%_", ["cooking"]),
        ("_of", ["cooking"]),
        ("/", []),
        ("absent", []),
        ("", []),
        ("feed absent", []),
    ],
)
def test_best_first(shelf: World, text: str, expected: list[str]) -> None:
    assert names(shelf, text) == expected


def test_what_is_said_of_a_package(shelf: World) -> None:
    found = search(shelf, viewer(shelf, None, is_admin=True), "the one").rows[0]
    assert (found.project_path, found.name, found.normalized_name) == (
        "acme/core",
        "Data.Feed",
        "data-feed",
    )
    assert (found.status, found.summary, found.latest_version, found.published_at) == (
        PackageStatus.ACTIVE,
        "The one",
        "1.0",
        shelf.clock(),
    )


@pytest.mark.parametrize("size", [1, 2, 3])
def test_page_by_page(shelf: World, size: int) -> None:
    everything = names(shelf, "data feed")
    who = viewer(shelf, None, is_admin=True)
    pages, cursor = [], None
    while True:
        found = search(shelf, who, "data feed", size=size, cursor=cursor)
        assert len(found.rows) <= size
        pages += [package.name for package in found.rows]
        cursor = found.cursor
        assert (cursor is not None) is found.follows
        if cursor is None:
            break
    assert pages == everything


@pytest.mark.parametrize("cursor", ["", "x", "3.1.demo", "1.1.", "1.1.Demo", "1.1.a\n", "9" * 999])
def test_a_wrong_cursor(shelf: World, cursor: str) -> None:
    with pytest.raises(Invalid, match="cursor"):
        search(shelf, viewer(shelf, None), "data", cursor=cursor)


@pytest.fixture
def village(world: World, _few: None) -> World:
    """A package `tool` in a project of each visibility, and several people."""
    for visibility in VISIBILITIES:
        publish(world, world.project(f"acme/{visibility}", visibility), f"{visibility}-tool")
    publish(world, world.project("other/core"), "other-tool")
    world.member("acme", "rita", Role.REPORTER)
    world.member("acme", "gus", Role.GUEST)
    world.member("other/core", "olga", Role.OWNER)
    world.user("eve", is_external=True)
    return world


@pytest.mark.parametrize(
    ("username", "is_internal", "expected"),
    [
        ("rita", True, ["internal-tool", "private-tool", "public-tool"]),
        ("gus", True, ["internal-tool", "public-tool"]),
        ("olga", True, ["internal-tool", "other-tool", "public-tool"]),
        ("eve", False, ["public-tool"]),
        (None, False, ["public-tool"]),
    ],
)
def test_nobody_finds_what_they_may_not_read(
    village: World, username: str | None, is_internal: bool, expected: list[str]
) -> None:
    who = viewer(village, username, is_internal=is_internal)
    assert names(village, "tool", who) == expected
    assert names(village, "private-tool", who) == [
        name for name in expected if name == "private-tool"
    ]


def test_who_may_pull_what_they_may_not_read_does_not_find_it(village: World) -> None:
    let_anyone_pull(village, "other/core")
    assert "other-tool" not in names(village, "tool", viewer(village, "rita"))


def test_a_membership_that_is_over(village: World) -> None:
    end = village.clock() + timedelta(hours=1)
    village.member("other/core", "rita", Role.OWNER, expires_at=end)
    assert "other-tool" in names(village, "tool", viewer(village, "rita"))
    village.clock.advance(hours=1)
    assert "other-tool" not in names(village, "tool", viewer(village, "rita"))


def test_what_is_turned_off_is_not_found(village: World) -> None:
    turn(village, "acme/internal", on=False)
    assert names(village, "tool") == ["other-tool", "private-tool", "public-tool"]
    turn(village, "", on=False)
    assert names(village, "tool") == []


def test_in_a_group_or_a_project(village: World) -> None:
    with village.components.database.reading() as session:
        ids = {path: find(session, path).id for path in ("acme", "acme/public", "other")}
    rita = viewer(village, "rita")
    assert names(village, "tool", rita, namespace_id=ids["acme"]) == [
        "internal-tool",
        "private-tool",
        "public-tool",
    ]
    assert names(village, "tool", rita, namespace_id=ids["acme/public"]) == ["public-tool"]
    assert names(village, "tool", rita, namespace_id=ids["other"]) == []


def test_quarantined_packages_are_found(village: World) -> None:
    with village.components.database.writing() as session:
        project = find(session, "acme/public").id
        status = PackageStatus.QUARANTINED
        set_status(session, project, "public-tool", status, None, Actor(), village.clock())
    found = search(village, viewer(village, None), "tool").rows
    assert [(each.name, each.status) for each in found] == [("public-tool", status)]


def test_the_texts_are_read_in_the_order_of_names(shelf: World) -> None:
    who = viewer(shelf, None, is_admin=True)
    with statements(shelf) as executed:
        search(shelf, who, "data feed")
    assert len(executed) <= 6
    if shelf.components.database.kind != "sqlite":
        pytest.skip("PostgreSQL plans by what there is: the benchmark shows how well")
    for plan in plans(shelf, executed[1:-1]):
        assert "package_texts USING PRIMARY KEY" in plan or "SCAN package_texts" in plan
        assert "TEMP B-TREE" not in plan
