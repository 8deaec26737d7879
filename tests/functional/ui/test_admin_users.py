"""The pages on which administrators manage users."""

import pytest
from sqlalchemy import func, select
from webtest import TestResponse

from pyregistry.accounts.models import BrowserSession, User
from pyregistry.authnz.roles import Role
from tests.factories.world import PASSWORD, World
from tests.functional.support import statements
from tests.functional.ui.browsing import hrefs, main_text, sign_in, signed_in, visit

USERS = "/-/admin/users"
ADD = "/-/admin/users/add"


@pytest.fixture(autouse=True)
def _administrator(world: World) -> None:
    """An administrator who is signed in, and somebody else."""
    world.user("root", is_admin=True, password=PASSWORD)
    world.user("bert", password=PASSWORD)
    signed_in(world, "root")


def user_page(world: World, username: str, status: int = 200) -> TestResponse:
    """The page of a user."""
    return visit(world, f"{USERS}/{world.users[username]}", status)


def alert(page: TestResponse) -> str:
    """Why the page is shown again."""
    return " ".join(page.html.find(role="alert").get_text().split())


def names(page: TestResponse) -> list[str]:
    """The user names of a list."""
    return [row.th.a.get_text() for row in page.html.find("table").tbody.find_all("tr")]


def actions(world: World) -> list[str]:
    """What was recorded but for sign-ins."""
    return [event.action for event in world.events() if event.action != "user.signed_in"]


def test_everybody_is_listed(world: World) -> None:
    world.user("zoe", is_external=True)
    world.project("acme/core")
    world.access_token("acme/core", Role.DEVELOPER)
    page = visit(world, USERS)
    assert names(page) == ["bert", "root", "zoe"]
    text = main_text(page)
    assert "zoe External" in text
    assert "root Administrator" in text
    assert "bert@example.org" in text
    form = page.forms["admin-search"]
    form["kind"] = "bots"
    assert len(names(form.submit())) == 1
    assert names(visit(world, f"{USERS}?kind=external")) == ["zoe"]
    assert names(visit(world, f"{USERS}?kind=administrators")) == ["root"]
    assert len(names(visit(world, f"{USERS}?kind=all"))) == 4
    assert "No user is like that." in main_text(visit(world, f"{USERS}?kind=blocked"))


def test_users_are_searched(world: World) -> None:
    form = visit(world, USERS).forms["admin-search"]
    form["q"] = "BERT@"
    page = form.submit()
    assert names(page) == ["bert"]
    assert page.forms["admin-search"]["q"].value == "BERT@"
    assert visit(world, f"{USERS}?q={'x' * 300}", status=400).forms["admin-search"]
    assert "kind must be one of" in alert(visit(world, f"{USERS}?kind=martians", status=400))
    wrong = visit(world, f"{USERS}?q=BERT@&kind=people&after=nonsense", status=400)
    assert names(wrong.click("Go to the first page of the list")) == ["bert"]


def test_the_list_pages_by_key(world: World) -> None:
    for number in range(52):
        world.user(f"user-{number:02}")
    with statements(world) as many:
        first = visit(world, f"{USERS}?q=user-&kind=all")
    assert len(names(first)) == 50
    second = first.click("Next page")
    assert names(second) == ["user-50", "user-51"]
    assert "q=user-" in second.request.url
    with statements(world) as few:
        visit(world, f"{USERS}?q=user-01&kind=all")
    assert len(many) == len(few)


def test_a_user_is_created_with_a_password_that_is_shown_once(world: World) -> None:
    form = visit(world, ADD).forms["add-user"]
    form["username"], form["email"] = "carl", "carl@example.org"
    form["external"] = True
    page = form.submit(status=303).follow()
    assert page.headers["Cache-Control"] == "no-store"
    password = page.html.find("code").get_text()
    assert "shown once" in main_text(page)
    user = world.user_row("carl")
    assert (user.is_external, user.is_admin, user.name) == (True, False, "carl")
    assert f"{USERS}/{user.id}" in hrefs(page)
    assert password not in visit(world, f"{USERS}/{user.id}").text
    assert all(password not in str(event.details) for event in world.events())
    world.app.reset()
    assert sign_in(world, "carl", password).status_int == 303
    assert actions(world) == ["user.created"]


def test_forms_say_how_long_a_password_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyregistry.ui.views.admin_users.MINIMUM_LENGTH", 12)
    for page in (visit(world, ADD), user_page(world, "bert")):
        assert "At least 12 characters." in main_text(page)


def test_a_user_is_created_with_a_password_that_is_set(world: World) -> None:
    form = visit(world, ADD).forms["add-user"]
    form["username"], form["email"], form["name"] = "carl", "carl@example.org", "Carl C."
    form["password"], form["admin"] = "another good password", True
    page = form.submit().follow()
    assert "The user carl was created." in main_text(page)
    assert "another good password" not in page.text
    assert (world.user_row("carl").name, world.user_row("carl").is_admin) == ("Carl C.", True)
    world.app.reset()
    assert sign_in(world, "carl", "another good password").status_int == 303


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"username": "BERT"}, 409, "The user name is taken"),
        ({"email": "BERT@example.org"}, 409, "The email address is taken"),
        ({"username": ""}, 400, "not a valid user name"),
        ({"username": "../x"}, 400, "not a valid user name"),
        ({"email": "nobody"}, 400, "not an email address"),
        ({"password": "short"}, 400, "10 to 1024 characters"),
    ],
)
def test_a_user_that_cannot_be_created(
    world: World, changes: dict[str, str], status: int, sentence: str
) -> None:
    form = visit(world, ADD).forms["add-user"]
    given = {
        "username": "carl",
        "email": "carl@example.org",
        "name": "Carl the Great",
        "password": "a secret that is long",
        **changes,
    }
    for name, value in given.items():
        form[name] = value
    form["admin"] = True
    before = world.count(User)
    page = form.submit(status=status)
    assert sentence in alert(page)
    again = page.forms["add-user"]
    assert again["name"].value == "Carl the Great"
    assert again["admin"].checked
    assert again["password"].value == ""
    assert given["password"] not in page.text
    assert world.count(User) == before
    assert actions(world) == []


def test_a_user_is_changed(world: World) -> None:
    form = user_page(world, "bert").forms["change-user"]
    assert form["name"].value == "bert"
    form["name"], form["external"], form["admin"] = "Bert B.", True, True
    page = form.submit().follow()
    assert "The user bert was changed." in main_text(page)
    user = world.user_row("bert")
    assert (user.name, user.is_external, user.is_admin) == ("Bert B.", True, True)
    form = page.forms["change-user"]
    form["external"] = form["admin"] = False
    form.submit(status=303)
    user = world.user_row("bert")
    assert (user.is_external, user.is_admin) == (False, False)
    assert actions(world) == ["user.changed", "user.changed"]


def test_a_change_that_is_refused(world: World) -> None:
    form = user_page(world, "bert").forms["change-user"]
    form["name"], form["email"] = "Bert B.", "root@example.org"
    page = form.submit(status=409)
    assert "The email address is taken" in alert(page)
    assert page.forms["change-user"]["name"].value == "Bert B."
    assert world.user_row("bert").name == "bert"
    form = user_page(world, "root").forms["change-user"]
    form["admin"] = False
    assert "last administrator" in alert(form.submit(status=403))
    assert world.user_row("root").is_admin


def test_a_password_is_set_anew(world: World) -> None:
    world.app.reset()
    signed_in(world, "bert")
    world.app.reset()
    signed_in(world, "root")
    form = user_page(world, "bert").forms["reset-password"]
    form["password"] = "short"
    assert "10 to 1024 characters" in alert(form.submit(status=400))
    form = user_page(world, "bert").forms["reset-password"]
    page = form.submit(status=303).follow()
    password = page.html.find("code").get_text()
    assert page.headers["Cache-Control"] == "no-store"
    with world.components.database.reading() as session:
        sessions = select(func.count()).where(BrowserSession.user_id == world.users["bert"])
        assert session.scalars(sessions).one() == 0
    form = user_page(world, "bert").forms["reset-password"]
    form["password"] = "yet another password"
    assert "has a new password" in main_text(form.submit().follow())
    world.app.reset()
    assert sign_in(world, "bert", password).status_int == 422
    assert sign_in(world, "bert", "yet another password").status_int == 303


def test_a_user_is_blocked_and_let_in_again(world: World) -> None:
    page = user_page(world, "bert").forms["block-user"].submit().follow()
    assert "bert is blocked" in main_text(page)
    assert world.user_row("bert").blocked_at is not None
    page = page.forms["unblock-user"].submit().follow()
    assert "can sign in again" in main_text(page)
    assert world.user_row("bert").blocked_at is None


def test_a_user_is_deleted_where_the_name_was_typed(world: World) -> None:
    form = user_page(world, "bert").forms["delete-user"]
    form["confirm"] = "bertha"
    page = form.submit(status=400)
    assert "Type “bert” to confirm." in alert(page)
    form = page.forms["delete-user"]
    form["confirm"] = "bert"
    page = form.submit().follow()
    assert "The user bert was deleted." in main_text(page)
    assert names(page) == ["root"]
    user_page(world, "bert", status=404)


def test_the_sole_owner_stays(world: World) -> None:
    world.project("acme/core")
    world.member("acme/core", "bert", Role.OWNER)
    page = user_page(world, "bert")
    assert "acme/core" in main_text(page)
    assert "/acme/core/-/members" in hrefs(page)
    form = page.forms["delete-user"]
    form["confirm"] = "bert"
    assert "without an Owner" in alert(form.submit(status=409))
    assert world.user_row("bert")


def test_nobody_stops_themselves(world: World) -> None:
    page = user_page(world, "root")
    assert {"block-user", "delete-user"}.isdisjoint(page.forms)
    token = page.forms["change-user"]["csrf_token"].value
    address = f"{USERS}/{world.users['root']}"
    for verb, fields in (("block", {}), ("delete", {"confirm": "root"})):
        page = world.app.post(f"{address}/{verb}", {"csrf_token": token, **fields}, status=403)
        assert "your own account" in alert(page)
    assert world.user_row("root").blocked_at is None


def test_a_bot_has_nothing_to_change(world: World) -> None:
    world.project("acme/core")
    world.access_token("acme/core", Role.DEVELOPER)
    bot = next(name for name in world.users if name.startswith("bot-"))
    page = user_page(world, bot)
    assert {"change-user", "reset-password", "delete-user"}.isdisjoint(page.forms)
    assert "bot of an access token" in main_text(page)


def test_who_is_not_there(world: World) -> None:
    for address in (f"{USERS}/999999", f"{USERS}/{'9' * 30}", f"{USERS}/x", f"{USERS}/1/nothing"):
        visit(world, address, status=404)


def test_forms_need_the_proof_that_they_are_ours(world: World) -> None:
    address = f"{USERS}/{world.users['bert']}"
    whole = {"name": "Carl", "username": "carl", "email": "carl@example.org", "confirm": "bert"}
    for verb in ("change", "password", "block", "unblock", "delete"):
        world.app.post(f"{address}/{verb}", whole, status=400)
    world.app.post(ADD, whole, status=400)
    assert actions(world) == []


def test_others_have_no_business_there(world: World) -> None:
    world.app.reset()
    visit(world, USERS, status=303)
    signed_in(world, "bert")
    for address in (USERS, ADD, f"{USERS}/{world.users['root']}", f"{USERS}/999999"):
        visit(world, address, status=403)
    token = visit(world, "/").forms["sign-out"]["csrf_token"].value
    for verb in ("change", "password", "block", "unblock", "delete"):
        address = f"{USERS}/{world.users['root']}/{verb}"
        world.app.post(address, {"csrf_token": token}, status=403)
    assert actions(world) == []
