"""What is kept of a package's latest release."""

import pytest
from sqlalchemy import select

from pyregistry.authnz.identity import Actor
from pyregistry.packaging.models import Package, PackageDependency, PackageStatus, PackageText
from pyregistry.packaging.services.change import delete_file, set_status, set_yanked
from pyregistry.packaging.services.queries import find_package, find_release
from pyregistry.packaging.version_keys import version_key
from pyregistry.tree.services.delete import delete_namespace
from tests.factories.recorded import anything, publish
from tests.factories.world import START, World


@pytest.fixture
def project(world: World) -> int:
    """A project with `demo` at 1.0, which needs `old`, and a day later 2.0, which needs `new`."""
    project = world.project("acme/core")
    publish(world, project, "demo", "1.0", summary="Before", requires_dist=["old", "both"])
    world.clock.advance(days=1)
    publish(world, project, "demo", "2.0", summary="After", requires_dist=["new", "both"])
    return project


def kept(world: World) -> tuple[Package, str, set[str]]:
    """The package, what it is found by, and what it needs."""
    with world.components.database.reading() as session:
        return (
            session.scalars(select(Package)).one(),
            session.scalars(select(PackageText.search_text)).one(),
            set(session.scalars(select(PackageDependency.name))),
        )


def test_of_the_latest_release(world: World, project: int) -> None:
    package, text, needs = kept(world)
    assert (package.latest_version, package.latest_version_key) == ("2.0", version_key("2.0"))
    assert package.published_at == world.clock()
    assert text == "demo\nafter"
    assert needs == {"new", "both"}


def test_the_latest_is_yanked(world: World, project: int) -> None:
    with world.components.database.writing() as session:
        package = find_package(session, project, "demo")
        assert package is not None
        release = find_release(session, package.id, "2")
        assert release is not None
        set_yanked(session, release.id, True, None, Actor(), world.clock())
    package, text, needs = kept(world)
    assert (package.latest_version_key, package.published_at) == (version_key("1.0"), START)
    assert text == "demo\nbefore"
    assert needs == {"old", "both"}


def test_a_package_without_releases_is_still_found_by_its_name(world: World) -> None:
    file = publish(world, world.project("acme/core"), "demo", summary="Text", requires_dist=["old"])
    with world.components.database.writing() as session:
        project = session.scalars(select(Package.project_id)).one()
        set_status(
            session, project, "demo", PackageStatus.QUARANTINED, None, Actor(), world.clock()
        )
        world.clock.advance(days=1)
        delete_file(session, file, Actor(), world.clock(), permit=anything)
    package, text, needs = kept(world)
    assert (package.latest_version, package.latest_version_key) == (None, "")
    assert package.published_at == package.created_at == START
    assert (text, needs) == ("demo", set())


def test_nothing_is_kept_of_a_package_that_is_gone(world: World, project: int) -> None:
    with world.components.database.writing() as session:
        delete_namespace(session, project, Actor(), world.clock())
    assert (world.count(PackageText), world.count(PackageDependency)) == (0, 0)
