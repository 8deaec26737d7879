"""One's own access tokens: made, shown once, rotated and revoked in the browser."""

import re
from datetime import timedelta

import pytest
from pyramid.registry import Registry
from webtest import TestApp, TestResponse

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.tokens.models import Token
from tests.factories.world import PASSWORD, World, basic
from tests.functional.support import statements, with_settings
from tests.functional.ui.browsing import BROWSER, hrefs, main_text, signed_in, visit

TOKENS = "/-/profile/tokens"
ADD = f"{TOKENS}/add"


@pytest.fixture
def ada(world: World) -> World:
    """A registry with a user who is signed in."""
    signed_in(world, "ada")
    return world


def create(world: World, status: int = 303, **fields: object) -> TestResponse:
    """Fill in the form for a new token and send it; the page that it leads to."""
    form = visit(world, ADD).forms["add-token"]
    values: dict[str, object] = {"name": "laptop", "scopes": ["read_api"], **fields}
    for box in form.fields["scopes[]"]:
        box.checked = box._value in values["scopes"]  # type: ignore[operator]
    for name in values.keys() - {"scopes"}:
        form[name] = values[name]
    return form.submit(headers=BROWSER, status=status).maybe_follow(headers=BROWSER)


def secret_on(page: TestResponse) -> str:
    """The token that a page shows."""
    return str(page.html.select_one(".secret code").get_text())


def uses(world: World, secret: str, status: int = 200) -> TestResponse:
    """Ask who one is with a token."""
    return TestApp(world.app.app).get("/api/v4/user", headers=basic(secret), status=status)


def test_a_new_token_is_shown_once_and_works(ada: World) -> None:
    page = create(ada, scopes=["api"], ends_on="2026-12-24")
    secret = secret_on(page)
    assert page.headers["Cache-Control"] == "no-store"
    assert "nobody can show it again" in main_text(page)
    assert "until 24 December 2026" in main_text(page)
    assert uses(ada, secret).json["username"] == "ada"
    listed = visit(ada, TOKENS)
    assert secret not in listed.text
    assert "laptop api expires 24 December 2026 never used" in main_text(listed)
    (event,) = [event for event in ada.events() if event.action == "token.created"]
    assert event.actor_name == "ada"
    assert secret not in repr(event.details)
    ada.clock.advance(days=31)
    uses(ada, secret, 401)


def test_what_to_do_with_it_holds_no_address_with_a_secret(ada: World) -> None:
    page = create(ada, scopes=["api"])
    secret, text = secret_on(page), page.html.main.get_text()
    assert f"machine localhost\nlogin __token__\npassword {secret}" in text
    assert "index-url = http://localhost/-/simple/" in text
    # The section is called as on the page of a project: there is one file for both.
    assert "[registry]\nrepository = http://localhost/GROUP/PROJECT/-/legacy/" in text
    assert "twine upload --repository registry dist/*" in main_text(page)
    for address in re.findall(r"https?://\S+", page.text):
        assert secret not in address
    assert all(secret not in address for address in hrefs(page))
    assert ".pypirc" in main_text(page)
    assert ".pypirc" not in main_text(create(ada, scopes=["read_api"]))


def test_the_form_proposes_an_end_and_to_read(ada: World) -> None:
    form = visit(ada, ADD).forms["add-token"]
    assert form["ends_on"].value == "2027-11-23"
    assert [box.checked for box in form.fields["scopes[]"]] == [True, False]


def test_a_token_without_an_end(ada: World) -> None:
    create(ada, ends_on="")
    assert "never expires" in main_text(visit(ada, TOKENS))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": " "}, "A token needs a name"),
        ({"name": "x" * 256}, "A token needs a name"),
        ({"scopes": []}, "Choose what the token may be used for."),
        ({"ends_on": "2026-11-23"}, "already: choose a later date for “Expires on”"),
        ({"ends_on": "soon"}, "is no date"),
    ],
)
def test_what_is_wrong_is_said_and_kept_in_the_form(
    ada: World, fields: dict[str, object], sentence: str
) -> None:
    page = create(ada, 400, **{"name": "<i>laptop", **fields})
    assert sentence in main_text(page)
    assert page.html.find(role="alert")
    form = page.forms["add-token"]
    name = fields.get("name", "<i>laptop")
    assert form["name"].value == name
    assert ada.count(Token) == 0
    assert [event.action for event in ada.events()] == ["user.signed_in"]


def test_scopes_of_other_tokens_are_refused(ada: World) -> None:
    token = visit(ada, ADD).forms["add-token"]["csrf_token"].value
    fields = {"name": "x", "scopes[]": "write_package_registry", "csrf_token": token}
    ada.app.post(ADD, fields, headers=BROWSER, status=400)
    assert ada.count(Token) == 0


def test_a_token_makes_no_token(ada: World) -> None:
    headers = {**BROWSER, **basic(ada.token("ada", Scope.API))}
    client = TestApp(ada.app.app)
    page = client.get(TOKENS, headers=headers)
    assert ADD not in hrefs(page)
    client.get(ADD, headers=headers, status=403)
    client.post(ADD, {"name": "x", "scopes[]": "api"}, headers=headers, status=403)
    assert ada.count(Token) == 1


def test_rotating(ada: World) -> None:
    old = secret_on(create(ada))
    rotate = next(href for href in hrefs(visit(ada, TOKENS)) if href.endswith("/rotate"))
    answer = visit(ada, rotate).forms["rotate-token"].submit(headers=BROWSER, status=303)
    page = answer.follow(headers=BROWSER)
    new = secret_on(page)
    assert page.headers["Cache-Control"] == "no-store"
    uses(ada, old, 401)
    uses(ada, new)
    assert "token.rotated" in [event.action for event in ada.events()]
    again = visit(ada, rotate).forms["rotate-token"].submit(headers=BROWSER, status=400)
    assert "The token was revoked and cannot be rotated" in main_text(again)


def test_rotating_to_a_day_that_has_passed_changes_nothing(ada: World) -> None:
    old = secret_on(create(ada))
    rotate = next(href for href in hrefs(visit(ada, TOKENS)) if href.endswith("/rotate"))
    form = visit(ada, rotate).forms["rotate-token"]
    form["ends_on"] = "2020-01-01"
    page = form.submit(headers=BROWSER, status=400)
    assert "would have expired already" in main_text(page)
    assert page.forms["rotate-token"]["ends_on"].value == "2020-01-01"
    uses(ada, old)


def test_revoking(ada: World) -> None:
    secret = secret_on(create(ada))
    uses(ada, secret)
    ada.components.recorder.flush()
    revoke = next(href for href in hrefs(visit(ada, TOKENS)) if href.endswith("/revoke"))
    page = visit(ada, revoke)
    assert "It was last used just now" in main_text(page)
    after = page.forms["revoke-token"].submit(headers=BROWSER).follow(headers=BROWSER)
    assert "The token laptop was revoked." in main_text(after)
    assert "You have no token yet." in main_text(after)
    uses(ada, secret, 401)
    ended = main_text(visit(ada, f"{TOKENS}/ended"))
    assert "laptop Revoked" in ended


def test_those_that_have_expired_are_with_the_revoked(ada: World) -> None:
    create(ada, ends_on="2026-11-24")
    ada.clock.advance(days=1)
    assert "laptop" not in main_text(visit(ada, TOKENS))
    assert "laptop Expired read_api expired 24 November 2026" in main_text(
        visit(ada, f"{TOKENS}/ended")
    )


def test_who_else_created_a_token(ada: World) -> None:
    create(ada)
    assert "creator" not in main_text(visit(ada, TOKENS))
    ada.user("root", is_admin=True)
    with ada.components.database.writing() as session:
        session.query(Token).one().creator_id = ada.users["root"]
    assert "created just now creator root" in main_text(visit(ada, TOKENS))


def id_of(world: World, username: str) -> int:
    """The id of the only token of a user."""
    with world.components.database.reading() as session:
        rows = session.query(Token).filter_by(user_id=world.users[username]).all()
    (token,) = rows
    return int(token.id)


@pytest.mark.parametrize("verb", ["rotate", "revoke"])
def test_those_of_others_are_not_there_for_administrators_either(world: World, verb: str) -> None:
    world.user("root", is_admin=True, password=PASSWORD)
    signed_in(world, "root")
    secret = world.token("bob")
    address = f"{TOKENS}/{id_of(world, 'bob')}/{verb}"
    hidden = visit(world, address, 404)
    missing = visit(world, f"{TOKENS}/999999999/{verb}", 404)
    assert main_text(hidden) == main_text(missing)
    token = visit(world, "/").forms["sign-out"]["csrf_token"].value
    world.app.post(address, {"csrf_token": token}, headers=BROWSER, status=404)
    uses(world, secret)
    assert "token of bob" not in main_text(visit(world, TOKENS))


def test_the_bot_of_an_access_token_sees_its_own(world: World) -> None:
    world.project("acme/core")
    secret = world.access_token("acme/core", Role.MAINTAINER)
    page = world.app.get(TOKENS, headers={**BROWSER, **basic(secret)})
    assert "token of bot-" in main_text(page)


def test_the_longest_life_is_told_and_kept(limited_life: World) -> None:
    signed_in(limited_life, "ada")
    page = visit(limited_life, ADD)
    assert "Tokens last for 30 days at most here." in main_text(page)
    assert page.forms["add-token"]["ends_on"].value == "2026-12-23"
    for end in ("", "2027-01-23"):
        refused = create(limited_life, 400, ends_on=end)
        assert "A token may be valid for 30 days here" in main_text(refused)
    create(limited_life, ends_on="2026-12-23")


@pytest.fixture
def limited_life(world: World, application: tuple[object, Registry]) -> World:
    """A registry in which tokens last for 30 days at most."""
    with_settings(world, application[1], tokens_max_lifetime=timedelta(days=30))
    return world


def test_many_tokens_cost_as_many_queries(ada: World) -> None:
    ada.token("ada")
    with statements(ada) as few:
        visit(ada, TOKENS)
    for _ in range(50):
        ada.token("ada")
    with statements(ada) as many:
        first = visit(ada, TOKENS)
    assert len(many) == len(few)
    assert len(first.html.select(".card")) == 50
    assert len(first.click("Next page").html.select(".card")) == 1


def test_names_are_shown_harmlessly(ada: World) -> None:
    create(ada, name="<script>alert(1)</script>")
    page = visit(ada, TOKENS)
    assert "<script>alert" not in page.text
    revoke = next(href for href in hrefs(page) if href.endswith("/revoke"))
    after = visit(ada, revoke).forms["revoke-token"].submit(headers=BROWSER).follow()
    assert "<script>alert" not in after.text
