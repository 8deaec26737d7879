"""Who sends wrong tokens too often has to wait, but a valid one always passes."""

import pytest
from sqlalchemy import update

from pyregistry.accounts.services.users import block, find_user
from pyregistry.authnz.roles import Role
from pyregistry.tokens.models import Token
from tests.factories.distributions import sdist
from tests.factories.world import FOUNDER, PASSWORD, World, basic
from tests.functional.support import PROJECT, Limited, check_wait, from_address, sentence_of
from tests.functional.test_query_budgets import statements
from tests.functional.ui.browsing import BROWSER, main_text, sign_in

ADDRESS = f"/{PROJECT}/-/simple/"
WRONG_TOKEN = basic("pyrpat_" + "A" * 49)


@pytest.fixture
def strict(limited: Limited) -> World:
    """A registry with a private project and a reader, that takes two wrong tokens a day."""
    world = limited(token_failures_per_address="2 per day")
    world.project(PROJECT)
    world.upload(PROJECT, sdist())
    world.member(PROJECT, "ann", Role.REPORTER)
    return world


def exhaust(strict: World) -> None:
    for _ in range(2):
        strict.app.get(ADDRESS, headers=WRONG_TOKEN, status=401)


def test_beyond_the_limit_wrong_is_429(strict: World) -> None:
    exhaust(strict)
    for address in (ADDRESS, "/nothing/", "/", "/api/v4/projects/acme%2Fcore/packages"):
        response = strict.app.get(address, headers=WRONG_TOKEN, expect_errors=True)
        check_wait(response)
        assert "wrong credentials" in sentence_of(response)
        assert "WWW-Authenticate" not in response.headers


def test_a_page_says_it_too(strict: World) -> None:
    exhaust(strict)
    response = strict.app.get("/", headers={**WRONG_TOKEN, **BROWSER}, expect_errors=True)
    check_wait(response)
    assert "wrong credentials" in main_text(response)


def test_an_upload_says_it_in_reason_and_body(strict: World) -> None:
    exhaust(strict)
    response = strict.upload(PROJECT, sdist(version="2.0"), WRONG_TOKEN, status=429)
    check_wait(response)
    assert "wrong credentials" in sentence_of(response)
    assert len(strict.stored_objects()) == 1
    assert strict.leftovers() == []


def test_uploads_count(strict: World) -> None:
    for status in (401, 401, 429):
        strict.upload(PROJECT, sdist(version="2.0"), WRONG_TOKEN, status=status)


def test_a_valid_token_always_passes(strict: World) -> None:
    headers = strict.as_("ann")
    for _ in range(5):
        strict.app.get(ADDRESS, headers=headers, status=200)
    exhaust(strict)
    strict.app.get(ADDRESS, headers=WRONG_TOKEN, status=429)
    with statements(strict) as executed:
        strict.app.get(ADDRESS, headers=headers, status=200)
    assert len(executed) <= 2


def test_who_sends_nothing_is_not_counted(strict: World) -> None:
    for _ in range(5):
        strict.app.get(ADDRESS, status=401)
    exhaust(strict)
    response = strict.app.get(ADDRESS, status=401)
    assert "WWW-Authenticate" in response.headers
    strict.app.get("/-/login", status=200)


def test_forbidden_is_no_failure(strict: World) -> None:
    headers = strict.as_("ann")
    for _ in range(3):
        strict.upload(PROJECT, sdist(version="2.0"), headers, status=403)
        strict.app.get("/nothing/", headers=headers, status=404)
    exhaust(strict)


def test_another_address_is_not_limited(strict: World) -> None:
    exhaust(strict)
    strict.app.get(ADDRESS, headers=WRONG_TOKEN, status=429)
    from_address(strict, "192.0.2.8").get(ADDRESS, headers=WRONG_TOKEN, status=401)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("address", [ADDRESS, "/nothing/", "/-/nothing", "/@@nothing"])
def test_one_request_is_one_failure(strict: World, method: str, address: str) -> None:
    for status in (401, 401, 429):
        strict.app.request(address, method=method, headers=WRONG_TOKEN, status=status)


@pytest.mark.parametrize("kind", ["revoked", "expired", "blocked", "malformed", "empty"])
def test_every_wrong_credential_counts(strict: World, kind: str) -> None:
    headers = strict.as_("ann")
    with strict.components.database.writing() as session:
        if kind == "revoked":
            session.execute(update(Token).values(revoked_at=strict.clock()))
        if kind == "expired":
            session.execute(update(Token).values(expires_at=strict.clock()))
        if kind == "blocked":
            block(session, find_user(session, "ann"), FOUNDER, strict.clock())
    if kind == "malformed":
        headers = {"Authorization": "Digest ?"}
    if kind == "empty":
        headers = {"PRIVATE-TOKEN": ""}
    for status in (401, 401, 429):
        strict.app.get(ADDRESS, headers=headers, status=status)


def test_a_session_that_is_over_is_no_failure(strict: World) -> None:
    for _ in range(5):
        strict.app.get(ADDRESS, headers={"Cookie": "pyregistry_session=x"}, status=401)
    exhaust(strict)


def test_wrong_tokens_do_not_limit_signing_in(strict: World) -> None:
    strict.user("ada", password=PASSWORD)
    exhaust(strict)
    strict.app.get(ADDRESS, headers=WRONG_TOKEN, status=429)
    assert sign_in(strict, "ada").status_int == 303


def test_without_its_redis_wrong_stays_401(limited: Limited) -> None:
    world = limited(storage="redis://127.0.0.1:1/0", token_failures_per_address="1 per day")
    for _ in range(3):
        world.app.get(ADDRESS, headers=WRONG_TOKEN, status=401)
