"""Protection rules and reserved prefixes in a world of tests."""

from pyregistry.authnz.identity import Actor, Authority, Viewer
from pyregistry.authnz.permissions import CredentialKind
from pyregistry.authnz.roles import Role
from pyregistry.namespaces.services.create import find
from pyregistry.protection.changers import Changer
from pyregistry.protection.levels import Level
from pyregistry.protection.services.prefixes import Wanted, reserve_prefix
from pyregistry.protection.services.rules import RuleParts, add_rule
from tests.factories.world import World


def administrator(world: World) -> Changer:
    """An administrator who changes rules and reservations."""
    authority = Authority(Role.OWNER, is_admin=True, credential_kind=CredentialKind.PASSWORD)
    viewer = Viewer(None, is_admin=True, is_internal=True, now=world.clock())
    return Changer(Actor(), authority, viewer)


def protect(
    world: World,
    path: str,
    pattern: str,
    *,
    push: Level | None = None,
    delete: Level | None = None,
) -> int:
    """Add a protection rule to a project; its id."""
    parts = RuleParts(pattern=pattern, push_level=push, delete_level=delete)
    with world.components.database.writing() as session:
        project = find(session, path)
        return add_rule(session, project.id, parts, administrator(world), world.clock()).id


def reserve(world: World, group: str, prefix: str, *projects: str) -> int:
    """Reserve a prefix of a group for projects, by path; its id."""
    wanted = Wanted(prefix, projects)
    with world.components.database.writing() as session:
        group_id = find(session, group).id
        return reserve_prefix(session, group_id, wanted, administrator(world), world.clock()).id
