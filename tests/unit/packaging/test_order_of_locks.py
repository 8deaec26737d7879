"""Whoever writes to a package and to its releases writes to the package first.

Then two that do so at once never wait for each other in a circle.
"""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor
from pyregistry.events.actions import Action
from pyregistry.events.services.record import Happening
from pyregistry.packaging.models import File, Package, Release
from pyregistry.packaging.services.change import delete_file, delete_release, set_yanked
from pyregistry.packaging.services.delete_package import delete_package
from pyregistry.packaging.services.downloads import write_pulls
from tests.factories.recorded import anything, publish
from tests.factories.world import START, World
from tests.functional.support import statements

_WRITTEN = re.compile(r"(?:UPDATE|DELETE FROM) (packages|releases) ")


def yank(session: Session) -> None:
    release = session.scalars(select(Release.id).order_by(Release.id)).first()
    assert release is not None
    set_yanked(session, release, True, None, Actor(), START)


def remove_file(session: Session) -> None:
    file = session.scalars(select(File.id).order_by(File.id)).first()
    assert file is not None
    delete_file(session, file, Actor(), START, permit=anything)


def remove_release(session: Session) -> None:
    release = session.scalars(select(Release.id).order_by(Release.id)).first()
    assert release is not None
    delete_release(session, release, Actor(), START, permit=anything)


def remove_package(session: Session) -> None:
    project = session.scalars(select(Package.project_id)).one()
    delete_package(session, project, "demo", Actor(), START, permit=anything)


def note_pull(session: Session) -> None:
    project = session.scalars(select(Package.project_id)).one()
    actor = Actor()
    pull = Happening(Action.FILE_PULLED, actor, START, project, "acme/core", "demo", "1.0")
    write_pulls(session, [pull])


@pytest.mark.parametrize("write", [yank, remove_file, remove_release, remove_package, note_pull])
def test_the_package_comes_first(world: World, write: Callable[[Session], None]) -> None:
    project = world.project("acme/core")
    for version in ("1.0", "2.0"):
        publish(world, project, "demo", version)
    with statements(world) as executed, world.components.database.writing() as session:
        write(session)
    found = [match[1] for each in executed if (match := _WRITTEN.match(each))]
    assert found[0] == "packages"
    assert "releases" in found
