"""Rules and reservations beside pushes and deletions: whichever commits first, holds."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor, Authority
from pyregistry.authnz.permissions import CredentialKind
from pyregistry.authnz.roles import Role
from pyregistry.namespaces.models import Namespace
from pyregistry.namespaces.services.create import find
from pyregistry.packaging.models import File, Package
from pyregistry.packaging.services.change import delete_file
from pyregistry.packaging.services.record import record_file
from pyregistry.protection.errors import PrefixInUse, Protected, Reserved
from pyregistry.protection.levels import Level
from pyregistry.protection.models import ReservedPrefix
from pyregistry.protection.services.check import check_may_delete, check_may_push
from pyregistry.protection.services.prefixes import Wanted, reserve_prefix
from pyregistry.protection.services.rules import RuleParts, add_rule
from tests.factories.protection import administrator
from tests.factories.recorded import digests_of, new_file
from tests.factories.world import World

MAINTAINER = Authority(Role.MAINTAINER, is_admin=False, credential_kind=CredentialKind.JOB_TOKEN)
NEW = new_file(digests_of(b"demo"))

Act = Callable[[World, Session], object]


@pytest.fixture(autouse=True)
def _projects(world: World) -> None:
    world.project("acme/core")
    world.project("acme/other")


def push(world: World, session: Session) -> None:
    """What the last step of an upload does."""
    project: Namespace = find(session, "acme/other")
    permit = partial(check_may_push, MAINTAINER)
    record_file(session, project, NEW, Actor(), world.clock(), permit=permit)


def remove(world: World, session: Session) -> None:
    file = world.file_named(NEW.filename)
    assert file is not None
    permit = partial(check_may_delete, MAINTAINER)
    delete_file(session, file.id, Actor(), world.clock(), permit=permit)


def reserve(world: World, session: Session) -> None:
    group_id = find(session, "acme").id
    wanted = Wanted("demo", ["acme/core"])
    reserve_prefix(session, group_id, wanted, administrator(world), world.clock())


def protect(world: World, session: Session) -> None:
    project_id = find(session, "acme/other").id
    parts = RuleParts(pattern="*", push_level=Level.OWNER, delete_level=Level.OWNER)
    add_rule(session, project_id, parts, administrator(world), world.clock())


def alone(world: World, act: Act) -> None:
    """Do it in a transaction of its own."""
    with world.components.database.writing() as session:
        act(world, session)


@contextmanager
def follows(world: World, first: Act, second: Act) -> Iterator[Future[None]]:
    """Do the second while the first is done and not committed; gives what becomes of it."""
    with ThreadPoolExecutor(1) as pool:
        with world.components.database.writing() as session:
            first(world, session)
            later = pool.submit(alone, world, second)
            time.sleep(0.3)  # it waits for the lock, or else it has committed by now
        yield later


def test_a_push_before_a_reservation(world: World) -> None:
    with follows(world, push, reserve) as later, pytest.raises(PrefixInUse):
        later.result()
    assert (world.count(Package), world.count(ReservedPrefix)) == (1, 0)


def test_a_reservation_before_a_push(world: World) -> None:
    with follows(world, reserve, push) as later, pytest.raises(Reserved):
        later.result()
    assert (world.count(Package), world.count(ReservedPrefix)) == (0, 1)


def test_a_rule_before_a_push(world: World) -> None:
    with follows(world, protect, push) as later, pytest.raises(Protected):
        later.result()
    assert world.count(Package) == 0


def test_a_rule_before_a_deletion(world: World) -> None:
    alone(world, push)
    with follows(world, protect, remove) as later, pytest.raises(Protected):
        later.result()
    assert world.count(File) == 1


def test_a_rule_does_not_come_between_the_check_and_the_commit_of_a_push(world: World) -> None:
    """Whoever made the rule sees every package that was pushed without it."""
    seen: list[int] = []

    def protect_and_look(world: World, session: Session) -> None:
        protect(world, session)
        seen.append(len(session.scalars(select(Package.id)).all()))

    with follows(world, push, protect_and_look) as later:
        later.result()
    assert seen == [1]
