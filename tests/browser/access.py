"""Who and what may do something in the registry of the tests, and how it was used."""

from datetime import timedelta

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.namespaces.services.create import find
from pyregistry.protection.levels import Level
from pyregistry.trusted_publishing.services.publishers import NewPublisher, add_publisher
from tests.factories.members import granter
from tests.factories.protection import protect, reserve
from tests.factories.tokens import change_token, token_id
from tests.factories.world import World

ISSUER = "https://git.example.org"
"""Which the registry trusts, and which nobody asks."""

GROUP, PROJECT = "acme", "acme/client"


def let_in(world: World) -> dict[str, int]:
    """Make members, tokens, rules and the like in a group and a project; their ids."""
    world.member(PROJECT, "gus", Role.REPORTER, expires_at=world.clock() + timedelta(days=100))
    ids = {"member": world.users["dora"], "project_member": world.users["gus"]}
    for name, path in {"group": GROUP, "project": PROJECT}.items():
        access = world.access_token(path, Role.DEVELOPER)
        deploy = world.deploy_token(path, Scope.READ_PACKAGE_REGISTRY, username=f"deployer-{name}")
        ids |= {
            f"{name}_access": token_id(world, access),
            f"{name}_deploy": token_id(world, deploy),
        }
        ended = [world.access_token(path, Role.REPORTER), world.deploy_token(path, username="old")]
        for secret in ended:
            change_token(world, secret, revoked_at=world.clock())
    ids["personal"] = token_id(world, world.token("olga"))
    change_token(world, world.token("olga"), revoked_at=world.clock())
    ids["rule"] = protect(world, PROJECT, "acme-*", push=Level.MAINTAINER, delete=Level.OWNER)
    ids["prefix"] = reserve(world, GROUP, "acme", PROJECT)
    ids["publisher"] = _publisher(world)
    return ids


def _publisher(world: World) -> int:
    wanted = NewPublisher(
        "Releases", ISSUER, {"project_path": "acme/client", "ref": "main", "environment": "release"}
    )
    with world.components.database.writing() as session:
        project = find(session, PROJECT).id
        by = granter(world, "olga", is_admin=True)
        return add_publisher(session, project, wanted, [ISSUER], by, world.clock()).id


def pull(world: World, path: str, filename: str, *, days: int) -> None:
    """Pull a file of a public project a few times on each of some days, until now."""
    file = world.file_named(filename)
    assert file is not None
    for day in range(days):
        for _ in range(day % 4):
            world.app.get(f"/{path}/-/files/{file.sha256}/{filename}")
        world.clock.advance(days=1)
    world.components.recorder.flush()
