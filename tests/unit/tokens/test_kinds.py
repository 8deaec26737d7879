"""Whose the tokens are that no person has: of bots, of deployments, of jobs."""

from pyregistry.authnz.credentials import Place, Presented
from pyregistry.authnz.identity import Identity
from pyregistry.authnz.permissions import CredentialKind, Scope
from pyregistry.authnz.roles import Role
from pyregistry.tokens.services.identify import identify_token
from tests.factories.world import World


def identify(
    world: World, secret: str, place: Place = Place.BASIC, username: str | None = None
) -> Identity | None:
    with world.components.database.reading() as session:
        return identify_token(session, Presented(secret, place, username), world.clock())


def test_an_access_token_is_its_bot_with_the_role(world: World) -> None:
    group, project = world.group("acme"), world.project("acme/core")
    for path, kind, principals in (
        ("acme", CredentialKind.GROUP_ACCESS_TOKEN, {f"member:{group}:40"}),
        (
            "acme/core",
            CredentialKind.PROJECT_ACCESS_TOKEN,
            {f"member:{project}:40", f"visitor:{group}"},
        ),
    ):
        identity = identify(world, world.access_token(path, Role.MAINTAINER))
        assert identity is not None
        assert identity.credential.kind is kind
        assert identity.user_id is not None
        assert identity.principals == principals


def test_a_deploy_token_is_a_developer_by_its_user_name(world: World) -> None:
    world.group("acme")
    project = world.project("acme/core")
    secret = world.deploy_token("acme/core", Scope.WRITE_PACKAGE_REGISTRY, username="shipper")
    identity = identify(world, secret, Place.BASIC, "shipper")
    assert identity is not None
    assert identity.credential.scopes == {Scope.WRITE_PACKAGE_REGISTRY}
    assert (identity.user_id, identity.username) == (None, "shipper")
    assert identity.namespace_id == project
    assert f"member:{project}:30" in identity.principals
    assert identify(world, secret, Place.BASIC, "somebody") is None


def test_a_job_token_is_a_maintainer_called_as_the_job(world: World) -> None:
    group, project = world.group("acme"), world.project("acme/core")
    identity = identify(world, world.job_token("acme/core", started_by="ada", job_id="7"))
    assert identity is not None
    assert identity.credential.kind is CredentialKind.JOB_TOKEN
    assert identity.credential.name == "job 7"
    assert identity.credential.build_id is not None
    assert (identity.user_id, identity.username) == (None, "job 7")
    assert identity.namespace_id == project
    assert identity.principals == {f"member:{project}:40", f"visitor:{group}"}
