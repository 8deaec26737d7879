"""Every kind of credential in every place of a request: what is taken where.

The table is written by hand from the documents, and not made of the code's own.
"""

from itertools import product

import pytest

from pyregistry.accounts.services.users import block, find_user_by_id
from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from tests.factories.distributions import sdist
from tests.factories.tokens import change_token, token_row
from tests.factories.world import FOUNDER, World, basic
from tests.functional.support import PROJECT

pytestmark = pytest.mark.thorough

ADDRESS = f"/{PROJECT}/-/simple/"
PLACES = (
    "Basic own",
    "Basic any",
    "Basic __token__",
    "Basic gitlab-ci-token",
    "Basic empty",
    "PRIVATE-TOKEN",
    "Bearer",
    "JOB-TOKEN",
    "Deploy-Token",
)
_ANY_BASIC = {place for place in PLACES if place.startswith("Basic")}
TAKEN = {
    "personal": _ANY_BASIC | {"PRIVATE-TOKEN", "Bearer"},
    "project": _ANY_BASIC | {"PRIVATE-TOKEN", "Bearer"},
    "group": _ANY_BASIC | {"PRIVATE-TOKEN", "Bearer"},
    "deploy": {"Basic own", "Basic __token__", "Deploy-Token"},
    "job": _ANY_BASIC | {"JOB-TOKEN"},
}


@pytest.fixture(autouse=True)
def _project(world: World) -> None:
    """A private project with an sdist, and somebody who reads it."""
    world.project(PROJECT)
    world.upload(PROJECT, sdist())
    world.member(PROJECT, "ann", Role.REPORTER)


def made(world: World, kind: str) -> str:
    """A token of that kind, that may read the project."""
    match kind:
        case "personal":
            return world.token("ann", Scope.READ_API)
        case "project":
            return world.access_token(PROJECT, Role.REPORTER, Scope.READ_API)
        case "group":
            return world.access_token("acme", Role.REPORTER, Scope.READ_API)
        case "deploy":
            return world.deploy_token(PROJECT, username="shipper")
        case _:
            return world.job_token(PROJECT, started_by="ada")


def own_username(world: World, secret: str) -> str:
    """The user name that the token's owner would type."""
    row = token_row(world, secret)
    if row.username is not None:
        return row.username
    if row.user_id is None:
        return "gitlab-ci-token"  # a job has none of its own, unless an issuer names one
    with world.components.database.reading() as session:
        assert row.user_id is not None
        return find_user_by_id(session, row.user_id).username


def presented(world: World, secret: str, place: str) -> dict[str, str]:
    """Headers with the token in that place."""
    scheme, _, username = place.partition(" ")
    if scheme == "Basic":
        names = {"own": own_username(world, secret), "any": "somebody", "empty": ""}
        return basic(secret, names.get(username, username))
    return {"Authorization": f"Bearer {secret}"} if place == "Bearer" else {place: secret}


@pytest.mark.parametrize(("kind", "place"), list(product(TAKEN, PLACES)))
def test_where_each_kind_is_taken(world: World, kind: str, place: str) -> None:
    headers = presented(world, made(world, kind), place)
    response = world.app.get(ADDRESS, headers=headers, expect_errors=True)
    assert response.status_int == (200 if place in TAKEN[kind] else 401)
    if place not in TAKEN[kind]:
        assert response.headers["WWW-Authenticate"] == 'Basic realm="pypi"'
        # It is wrong everywhere, and not only where it opens something.
        world.app.get("/-/simple/", headers=headers, status=401)


@pytest.mark.parametrize("place", ["Cookie", "Authorization"])
@pytest.mark.parametrize("kind", TAKEN)
def test_no_token_in_other_places(world: World, kind: str, place: str) -> None:
    secret = made(world, kind)
    value = f"pyregistry_session={secret}" if place == "Cookie" else f"Token {secret}"
    world.app.get(ADDRESS, headers={place: value}, status=401)
    world.app.get(f"{ADDRESS}?private_token={secret}&access_token={secret}", status=401)


@pytest.mark.parametrize("kind", TAKEN)
def test_the_last_use_is_remembered(world: World, kind: str) -> None:
    secret = made(world, kind)
    world.clock.advance(minutes=5)
    place = min(TAKEN[kind])
    world.app.get(ADDRESS, headers=presented(world, secret, place), status=200)
    world.components.recorder.flush()
    row = token_row(world, secret)
    assert (row.last_used_at, row.last_used_address) == (world.clock(), "192.0.2.7")


@pytest.mark.parametrize("column", ["revoked_at", "expires_at"])
@pytest.mark.parametrize("kind", TAKEN)
def test_a_token_that_is_over(world: World, kind: str, column: str) -> None:
    secret = made(world, kind)
    headers = presented(world, secret, "Basic __token__")
    world.app.get(ADDRESS, headers=headers, status=200)
    change_token(world, secret, **{column: world.clock()})
    world.app.get(ADDRESS, headers=headers, status=401)


@pytest.mark.parametrize("kind", ["personal", "project", "group"])
def test_a_blocked_owner(world: World, kind: str) -> None:
    secret = made(world, kind)
    user_id = token_row(world, secret).user_id
    assert user_id is not None
    with world.components.database.writing() as session:
        block(session, find_user_by_id(session, user_id), FOUNDER, world.clock())
    world.app.get(ADDRESS, headers=basic(secret), status=401)


@pytest.mark.parametrize("kind", TAKEN)
def test_two_places_must_agree(world: World, kind: str) -> None:
    first, second = made(world, kind), made(world, kind)
    header = {"deploy": "Deploy-Token", "job": "JOB-TOKEN"}.get(kind, "PRIVATE-TOKEN")
    world.app.get(ADDRESS, headers={**basic(first), header: first}, status=200)
    world.app.get(ADDRESS, headers={**basic(first), header: second}, status=401)
