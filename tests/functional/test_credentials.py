"""How a request says who asks, and what wrong credentials are answered."""

from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from pyregistry.accounts.services.users import block, find_user
from pyregistry.authnz.permissions import API_SCOPES, Scope
from pyregistry.authnz.roles import Role
from pyregistry.tokens.models import Token
from tests.factories.distributions import sdist
from tests.factories.world import FOUNDER, PASSWORD, World, basic
from tests.functional.support import PROJECT, browser

ADDRESS = f"/{PROJECT}/-/simple/"
PUBLIC = (ADDRESS, "/acme/-/simple/", "/-/simple/", "/", f"/{PROJECT}/", "/-/login")
WELL_FORMED = "pyrpat_" + "A" * 49


def _basic(text: str) -> str:
    return "Basic " + b64encode(text.encode()).decode()


@pytest.fixture
def project(world: World) -> int:
    """The id of a private project with an sdist, and a reader called ann."""
    project = world.project(PROJECT)
    world.upload(PROJECT, sdist())
    world.member(PROJECT, "ann", Role.REPORTER)
    return project


@pytest.mark.parametrize("scope", sorted(API_SCOPES))
@pytest.mark.parametrize(
    "form",
    ["Basic __token__", "Basic ann", "Basic other", "Basic nobody", "Bearer", "PRIVATE-TOKEN"],
)
def test_every_form_of_a_token(world: World, project: int, form: str, scope: Scope) -> None:
    secret = world.token("ann", scope)
    kind, _, username = form.partition(" ")
    headers = {
        "Basic": {"Authorization": _basic(f"{username}:{secret}")},
        "Bearer": {"Authorization": f"Bearer {secret}"},
        "PRIVATE-TOKEN": {"PRIVATE-TOKEN": secret},
    }[kind]
    world.app.get(ADDRESS, headers=headers, status=200)


@pytest.mark.parametrize("scheme", ["basic", "BASIC", "bearer", "BEARER"])
def test_the_scheme_is_read_without_case(world: World, project: int, scheme: str) -> None:
    secret = world.token("ann")
    value = (
        _basic(f"x:{secret}").removeprefix("Basic ")
        if "b" + scheme[1:].lower() == "basic"
        else secret
    )
    world.app.get(ADDRESS, headers={"Authorization": f"{scheme} {value}"}, status=200)


WRONG: dict[str, dict[str, str]] = {
    "unknown token": basic(WELL_FORMED),
    "unknown bearer": {"Authorization": f"Bearer {WELL_FORMED}"},
    "unknown private token": {"PRIVATE-TOKEN": WELL_FORMED},
    "empty private token": {"PRIVATE-TOKEN": ""},
    "no token": basic("secret", "ann"),
    "empty": {"Authorization": ""},
    "no scheme": {"Authorization": WELL_FORMED},
    "another scheme": {"Authorization": "Digest username=ann"},
    "Basic alone": {"Authorization": "Basic"},
    "Bearer alone": {"Authorization": "Bearer "},
    "no base64": {"Authorization": "Basic ?!"},
    "half base64": {"Authorization": "Basic QQ"},
    "no UTF-8": {"Authorization": "Basic /////w=="},
    "no colon": {"Authorization": _basic("ann")},
    "NUL": {"Authorization": _basic("ann:\x00")},
    "no ASCII": {"PRIVATE-TOKEN": "\xff\xfe"},
    "no ASCII in Authorization": {"Authorization": "Bearer \xff\xfe"},
    "very long": {"Authorization": "Basic " + "A" * 100_000},
    "very long private token": {"PRIVATE-TOKEN": "A" * 100_000},
}


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
@pytest.mark.parametrize("case", WRONG)
def test_wrong_credentials_are_wrong_everywhere(world: World, case: str, accept: str) -> None:
    world.project(PROJECT, "public")
    world.upload(PROJECT, sdist())
    for address in (*PUBLIC, "/nothing/", "/api/v4/projects/acme%2Fcore/packages"):
        if address == "/-/login":
            continue
        response = world.app.get(address, headers={**WRONG[case], "Accept": accept}, status=401)
        assert response.headers["WWW-Authenticate"] == 'Basic realm="pypi"'


def test_a_password_is_for_the_browser_only(world: World, project: int) -> None:
    world.user("ben", password=PASSWORD)
    world.member(PROJECT, "ben", Role.OWNER)
    world.app.get(ADDRESS, headers=basic(PASSWORD, "ben"), status=401)


def test_a_revoked_token_of_a_public_project(world: World) -> None:
    world.project(PROJECT, "public")
    headers = world.as_("ann")
    world.app.get(ADDRESS, headers=headers, status=200)
    with world.components.database.writing() as session:
        session.execute(update(Token).values(revoked_at=world.clock()))
    world.app.get(ADDRESS, headers=headers, status=401)
    world.app.get(ADDRESS, status=200)


def test_a_token_ends_when_it_expires(world: World, project: int) -> None:
    headers = basic(world.token("ann", expires_at=world.clock() + timedelta(days=1)))
    world.clock.advance(hours=23)
    world.app.get(ADDRESS, headers=headers, status=200)
    world.clock.advance(hours=1)
    world.app.get(ADDRESS, headers=headers, status=401)


def test_a_membership_ends_when_it_expires(world: World, project: int) -> None:
    world.member(PROJECT, "eve", Role.OWNER, expires_at=world.clock() + timedelta(days=1))
    headers = world.as_("eve")
    for address in (ADDRESS, "/acme/-/simple/demo-package/", f"/{PROJECT}/"):
        world.app.get(address, headers=headers, status=200)
    world.clock.advance(days=1)
    for address in (ADDRESS, "/acme/-/simple/demo-package/", f"/{PROJECT}/"):
        world.app.get(address, headers=headers, status=404)


def test_a_blocked_user(world: World, project: int) -> None:
    headers = world.as_("ann")
    with world.components.database.writing() as session:
        block(session, find_user(session, "ann"), FOUNDER, world.clock())
    world.app.get(ADDRESS, headers=headers, status=401)


def test_two_different_tokens_in_one_request(world: World, project: int) -> None:
    first, second = world.token("ann"), world.token("ann")
    world.app.get(ADDRESS, headers={**basic(first), "PRIVATE-TOKEN": second}, status=401)
    world.app.get(ADDRESS, headers={**basic(first), "PRIVATE-TOKEN": first}, status=200)


def test_a_browser_session_reads_an_index(world: World, project: int) -> None:
    world.user("ben", password=PASSWORD)
    world.member(PROJECT, "ben", Role.REPORTER)
    app = browser(world, "ben")
    app.get(ADDRESS, status=200)
    world.clock.advance(days=400)
    app.get(ADDRESS, status=401)


@pytest.mark.parametrize("cookie", ["", "nonsense", "x" * 5000, "%00"])
def test_a_wrong_session_is_nobody(world: World, cookie: str) -> None:
    world.project(PROJECT, "public")
    headers: dict[str, Any] = {"Cookie": f"pyregistry_session={cookie}"}
    world.app.get(ADDRESS, headers=headers, status=200)


def test_the_last_use_of_a_token_is_remembered(world: World, project: int) -> None:
    headers = world.as_("ann")
    world.clock.advance(days=1)
    world.app.get(ADDRESS, headers=headers)
    world.components.recorder.flush()
    with world.components.database.reading() as session:
        token = session.scalars(select(Token).order_by(Token.id.desc())).first()
    assert token is not None
    assert (token.last_used_at, token.last_used_address) == (world.clock(), "192.0.2.7")
