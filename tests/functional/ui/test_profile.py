"""One's own account: who one is, one's password, and where one is signed in."""

from datetime import timedelta

import pytest
from webtest import TestApp, TestResponse

from pyregistry.accounts.models import BrowserSession
from pyregistry.accounts.services.users import block, find_user, set_password
from pyregistry.authnz.credentials import SESSION_COOKIE
from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.events.actions import Action
from tests.factories.world import FOUNDER, PASSWORD, START, World, basic
from tests.functional.support import Limited, browser, check_wait, statements
from tests.functional.ui.browsing import BROWSER, hrefs, main_text, sign_in, signed_in, visit

PROFILE = "/-/profile"
NEW = "a new and better password"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def ada(world: World) -> World:
    """A registry with a user who is signed in."""
    signed_in(world, "ada")
    return world


def elsewhere(world: World, username: str = "ada") -> TestApp:
    """Another browser in which the user is signed in."""
    return browser(world, username)


def is_signed_in(app: TestApp) -> bool:
    """Whether a browser shows anybody as signed in."""
    return "sign-out" in app.get("/", headers=BROWSER).forms


def actions(world: World) -> list[tuple[str, dict[str, object]]]:
    """What was recorded but for signing in: actions, with what else is said of them."""
    kept = ("new_password", "sessions")
    return [
        (event.action, {key: event.details[key] for key in kept if key in event.details})
        for event in world.events()
        if event.action != Action.SIGNED_IN
    ]


class TestOverview:
    def test_it_says_who_one_is(self, ada: World) -> None:
        text = main_text(visit(ada, PROFILE))
        assert "User name ada" in text
        assert "ada@example.org" in text
        assert "Here since 23 November 2026" in text
        assert "You are not a member of any group or project yet." in text

    def test_it_says_where_one_is_a_member(self, ada: World) -> None:
        ada.project("acme/core")
        ada.project("tools/lib")
        ada.member("acme", "ada", Role.REPORTER)
        ada.member("tools/lib", "ada", Role.OWNER, expires_at=START + timedelta(days=3))
        page = visit(ada, PROFILE)
        assert {"/acme/", "/tools/lib/"} <= hrefs(page)
        assert "Reporter" in main_text(page)
        assert "until 26 November 2026 Owner" in main_text(page)
        ada.clock.advance(days=3)
        assert "/tools/lib/" not in hrefs(visit(ada, PROFILE))

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"is_admin": True}, "an administrator"),
            ({"is_external": True}, "an external user"),
            ({}, "a user: you see what is public or internal"),
        ],
    )
    def test_it_says_what_one_is(self, world: World, options: dict[str, bool], words: str) -> None:
        world.user("bob", password=PASSWORD, **options)
        signed_in(world, "bob")
        assert words in main_text(visit(world, PROFILE))

    def test_long_lists_are_read_by_key_in_as_many_queries(self, ada: World) -> None:
        ada.group("acme")
        with statements(ada) as few:
            visit(ada, PROFILE)
        for number in range(51):
            ada.group(f"g{number}")
            ada.member(f"g{number}", "ada", Role.GUEST)
        with statements(ada) as many:
            first = visit(ada, PROFILE)
        assert len(many) == len(few)
        assert "/g50/" not in hrefs(first)
        second = first.click("Next page")
        assert "/g50/" in hrefs(second)
        assert "/g49/" not in hrefs(second)

    def test_names_are_shown_harmlessly(self, world: World) -> None:
        world.user("eve", name="<b>Eve</b>", password=PASSWORD)
        signed_in(world, "eve")
        page = visit(world, PROFILE)
        assert "<b>Eve" not in page.text
        assert "<b>Eve</b>" in page.html.h1.bdi.get_text()

    def test_nobody_is_sent_to_sign_in(self, world: World) -> None:
        response = visit(world, PROFILE, 303)
        assert response.location == "http://localhost/-/login?return_to=%2F-%2Fprofile"

    def test_a_deploy_token_has_no_profile(self, world: World) -> None:
        world.project("acme/core")
        headers = {**BROWSER, **basic(world.deploy_token("acme/core"))}
        world.app.get(PROFILE, headers=headers, status=403)

    def test_a_bot_sees_itself_and_no_password(self, world: World) -> None:
        world.project("acme/core")
        headers = {**BROWSER, **basic(world.access_token("acme/core", Role.DEVELOPER))}
        page = world.app.get(PROFILE, headers=headers)
        assert "the bot of an access token" in main_text(page)
        assert f"{PROFILE}/password" not in hrefs(page)


def change_password(app: TestApp, current: str, new: str, again: str | None = None) -> TestResponse:
    """Fill in the form of the password and send it."""
    form = app.get(f"{PROFILE}/password", headers=BROWSER).forms["change-password"]
    form["current_password"], form["new_password"] = current, new
    form["new_password_again"] = new if again is None else again
    return form.submit(headers=BROWSER, expect_errors=True)


class TestPassword:
    def test_a_new_one(self, ada: World) -> None:
        others = [elsewhere(ada), elsewhere(ada)]
        token = ada.as_("ada")
        response = change_password(ada.app, PASSWORD, NEW)
        assert response.location == f"http://localhost{PROFILE}/password"
        assert "You were signed out of 2 other browsers." in main_text(response.follow())
        assert is_signed_in(ada.app)
        assert [is_signed_in(app) for app in others] == [False, False]
        assert actions(ada) == [("user.changed", {"new_password": True})]
        assert ada.app.get("/api/v4/user", headers=token).json["username"] == "ada"
        ada.app.reset()
        assert sign_in(ada, "ada", PASSWORD).status_int == 422
        assert sign_in(ada, "ada", NEW).status_int == 303

    def test_the_page_says_what_a_good_one_is(self, ada: World) -> None:
        text = main_text(visit(ada, f"{PROFILE}/password"))
        assert "At least 10 characters" in text
        assert "signed out of all other browsers" in text

    @pytest.mark.parametrize(
        ("current", "new", "again", "status", "sentence"),
        [
            ("wrong password", NEW, NEW, 422, "The current password is wrong."),
            ("", NEW, NEW, 400, "Type your current password first."),
            (PASSWORD, NEW, NEW + "!", 400, "not the same in both fields"),
            (PASSWORD, "too short", "too short", 400, "10 to 1024 characters"),
            (PASSWORD, "x" * 1025, "x" * 1025, 400, "10 to 1024 characters"),
            (PASSWORD, PASSWORD, PASSWORD, 400, "the one that you have"),
        ],
    )
    def test_what_is_refused_changes_nothing(
        self, ada: World, current: str, new: str, again: str, status: int, sentence: str
    ) -> None:
        other = elsewhere(ada)
        page = change_password(ada.app, current, new, again)
        assert page.status_int == status
        assert sentence in main_text(page)
        assert page.html.find(role="alert")
        assert page.headers["Cache-Control"] == "private, no-cache"
        form = page.forms["change-password"]
        names = ("current_password", "new_password", "new_password_again")
        assert [form[name].value for name in names] == ["", "", ""]
        assert is_signed_in(other)
        assert actions(ada) == []
        ada.app.reset()
        assert sign_in(ada, "ada", PASSWORD).status_int == 303

    def test_wrong_ones_are_limited_with_those_of_signing_in(self, limited: Limited) -> None:
        world = limited(sign_in_per_account="2 per day")
        signed_in(world, "ada")
        other = elsewhere(world)
        for _ in range(2):
            assert change_password(world.app, "wrong password", NEW).status_int == 422
        page = change_password(world.app, PASSWORD, NEW)
        check_wait(page)
        assert "Too many attempts" in main_text(page)
        assert is_signed_in(other)
        world.app.reset()
        check_wait(sign_in(world, "ada"))

    def test_a_form_without_its_proof_is_refused(self, ada: World) -> None:
        fields = {"current_password": PASSWORD, "new_password": NEW, "new_password_again": NEW}
        ada.app.post(f"{PROFILE}/password", fields, headers=BROWSER, status=400)
        ada.app.reset()
        assert sign_in(ada, "ada", PASSWORD).status_int == 303

    def test_a_token_changes_no_password(self, ada: World) -> None:
        fields = {"current_password": PASSWORD, "new_password": NEW, "new_password_again": NEW}
        ada.app.reset()
        ada.app.post(f"{PROFILE}/password", fields, headers=ada.as_("ada"), status=403)
        assert sign_in(ada, "ada", PASSWORD).status_int == 303

    def test_one_that_was_changed_meanwhile_is_wrong(self, ada: World) -> None:
        with ada.components.database.writing() as session:
            set_password(session, find_user(session, "ada"), NEW, FOUNDER, ada.clock())
        assert not is_signed_in(ada.app)

    def test_who_is_blocked_is_nobody(self, ada: World) -> None:
        form = visit(ada, f"{PROFILE}/password").forms["change-password"]
        with ada.components.database.writing() as session:
            block(session, find_user(session, "ada"), FOUNDER, ada.clock())
        form["current_password"], form["new_password"] = PASSWORD, NEW
        form["new_password_again"] = NEW
        assert "/-/login" in form.submit(headers=BROWSER, status=303).location


class TestSessions:
    def test_they_are_listed_with_this_one_marked(self, ada: World) -> None:
        ada.app.reset()
        ada.app.extra_environ["HTTP_USER_AGENT"] = FIREFOX
        sign_in(ada, "ada")
        page = visit(ada, f"{PROFILE}/sessions")
        cards = [" ".join(card.get_text(" ").split()) for card in page.html.select(".card")]
        assert len(cards) == 2
        assert cards[0].startswith("Firefox on Linux This browser from 192.0.2.7")
        assert cards[1].startswith("Unknown browser from 192.0.2.7")
        assert page.html.find(title=FIREFOX)

    def test_one_is_ended(self, ada: World) -> None:
        other, third = elsewhere(ada), elsewhere(ada)
        page = visit(ada, f"{PROFILE}/sessions")
        newest = page.html.select_one(".card form")["id"]
        after = page.forms[newest].submit(headers=BROWSER).follow(headers=BROWSER)
        assert "You were signed out of that browser." in main_text(after)
        assert [is_signed_in(app) for app in (ada.app, other, third)] == [True, True, False]
        assert actions(ada) == [("user.sessions_ended", {"sessions": 1})]

    def test_all_others_are_ended(self, ada: World) -> None:
        ada.user("bob", password=PASSWORD)
        other, bob = elsewhere(ada), elsewhere(ada, "bob")
        form = visit(ada, f"{PROFILE}/sessions").forms["end-others"]
        after = form.submit(headers=BROWSER).follow(headers=BROWSER)
        assert "You were signed out of 1 other browser." in main_text(after)
        assert [is_signed_in(app) for app in (ada.app, other, bob)] == [True, False, True]
        assert actions(ada) == [("user.sessions_ended", {"sessions": 1})]

    def test_where_there_is_no_other_nothing_happens(self, ada: World) -> None:
        page = visit(ada, f"{PROFILE}/sessions")
        assert "end-others" not in page.forms
        token = page.forms["sign-out"]["csrf_token"].value
        fields = {"csrf_token": token}
        ada.app.post(f"{PROFILE}/sessions/end-others", fields, headers=BROWSER, status=303)
        assert is_signed_in(ada.app)
        assert actions(ada) == []

    def test_nobody_ends_those_of_others(self, ada: World) -> None:
        ada.user("bob", password=PASSWORD, is_admin=True)
        bob = elsewhere(ada, "bob")
        page = bob.get(f"{PROFILE}/sessions", headers=BROWSER)
        assert len(page.html.select(".card")) == 1
        with ada.components.database.reading() as session:
            ids = {row.user_id: row.id for row in session.query(BrowserSession)}
        token = page.forms["sign-out"]["csrf_token"].value
        address = f"{PROFILE}/sessions/{ids[ada.users['ada']]}/end"
        bob.post(address, {"csrf_token": token}, headers=BROWSER, status=404)
        assert is_signed_in(ada.app)

    def test_those_that_are_over_are_not_listed(self, ada: World) -> None:
        lifetime = ada.components.settings.sessions_lifetime
        ada.clock.advance(seconds=lifetime.total_seconds() - 1)
        elsewhere(ada)
        ada.clock.advance(seconds=1)
        newer = elsewhere(ada)
        page = newer.get(f"{PROFILE}/sessions", headers=BROWSER)
        assert len(page.html.select(".card")) == 2
        page.forms["end-others"].submit(headers=BROWSER)
        assert actions(ada) == [("user.sessions_ended", {"sessions": 1})]
        assert ada.count(BrowserSession) == 1

    def test_a_token_reads_the_list_and_ends_none(self, ada: World) -> None:
        headers = {**BROWSER, **basic(ada.token("ada", Scope.API))}
        client = TestApp(ada.app.app)
        page = client.get(f"{PROFILE}/sessions", headers=headers)
        assert "end-others" not in page.forms
        assert "This browser" not in main_text(page)
        client.post(f"{PROFILE}/sessions/end-others", headers=headers, status=403)
        assert is_signed_in(ada.app)

    def test_the_secret_is_shown_nowhere(self, ada: World) -> None:
        assert ada.app.cookies[SESSION_COOKIE] not in visit(ada, f"{PROFILE}/sessions").text

    def test_many_are_read_by_key(self, ada: World) -> None:
        for _ in range(50):
            elsewhere(ada)
        first = visit(ada, f"{PROFILE}/sessions")
        assert len(first.html.select(".card")) == 50
        assert "This browser" in main_text(first.click("Next page"))
