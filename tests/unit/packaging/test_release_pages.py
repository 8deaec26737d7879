"""Releases and files as pages list them, and what somebody published lately."""

import pytest
from sqlalchemy import inspect, select

from pyregistry.authnz.identity import Actor, Viewer
from pyregistry.authnz.roles import Role
from pyregistry.packaging.models import File, Package
from pyregistry.packaging.services.pages import (
    files_slice,
    listed_releases,
    published_lately,
    releases_slice,
)
from pyregistry.packaging.services.queries import find_release
from pyregistry.slices import Window
from tests.factories.recorded import publish
from tests.factories.world import World

VERSIONS = ["1!0.1", "10.0", "9.0", "9.0rc1", "1.0.post1", "1.0", "1.0.dev1"]


@pytest.fixture
def package(world: World) -> int:
    """A package with releases that were not published in order."""
    project = world.project("acme/core")
    for version in sorted(VERSIONS):
        publish(world, project, "demo", version)
    with world.components.database.reading() as session:
        return session.scalars(select(Package.id)).one()


def test_newest_version_first(world: World, package: int) -> None:
    with world.components.database.reading() as session:
        releases = listed_releases(session, package)
        assert [release.version for release in releases] == VERSIONS
        assert [release.version for release in releases if release.is_prerelease] == [
            "9.0rc1",
            "1.0.dev1",
        ]
        first = releases_slice(session, package, Window(5, by_key=True))
        rest = releases_slice(session, package, Window(5, by_key=True, cursor=first.cursor))
    assert [*first.rows, *rest.rows] == releases
    assert not rest.follows


def test_source_distributions_come_first(world: World) -> None:
    file = publish(world, world.project("acme/core"), "demo")
    with world.components.database.writing() as session:
        row = session.get_one(File, file)
        columns = [attribute.key for attribute in inspect(File).column_attrs]
        same = {key: getattr(row, key) for key in columns if key != "id"}
        for name, kind in (("a.whl", "bdist_wheel"), ("z.zip", "sdist"), ("b.whl", "bdist_wheel")):
            session.add(File(**{**same, "filename": name, "packagetype": kind}))
        release_id, package_id = row.release_id, row.package_id
    expected = ["demo-1.0.tar.gz", "z.zip", "a.whl", "b.whl"]
    with world.components.database.reading() as session:
        found = files_slice(session, release_id, Window(10))
        assert [file.filename for file in found.rows] == expected
        assert [file.build for file in found.rows] == [None] * 4
        pages, cursor = [], None
        for _ in expected:
            page = files_slice(session, release_id, Window(1, by_key=True, cursor=cursor))
            pages += [file.filename for file in page.rows]
            cursor = page.cursor
        assert (pages, cursor) == (expected, None)
        release = find_release(session, package_id, "1")
        assert "files" in inspect(release).unloaded


def test_what_somebody_published_lately(world: World) -> None:
    """Only what they may still read."""
    mine, theirs = world.project("acme/core"), world.project("far/away", "public")
    actor = Actor(world.user("ada"), "ada")
    publish(world, mine, "first", actor=actor)
    publish(world, theirs, "Second.One", actor=actor)
    publish(world, theirs, "by-somebody-else")
    world.member("acme", "ada", Role.DEVELOPER)
    publish(world, theirs, "third", actor=actor)

    def lately(user: str, reader: str, limit: int = 10) -> list[tuple[str, str]]:
        viewer = Viewer(world.users[reader], False, True, world.clock())
        with world.components.database.reading() as session:
            found = published_lately(session, world.users[user], viewer, limit=limit)
        return [(release.project_path, release.name) for release in found]

    world.user("eve")
    public = [("far/away", "third"), ("far/away", "Second.One")]
    assert lately("ada", "ada") == [*public, ("acme/core", "first")]
    assert lately("ada", "ada", limit=1) == public[:1]
    assert lately("ada", "eve") == public
    assert lately("eve", "ada") == []
