"""The pages of members: who they are, and what may be done with their roles."""

from datetime import UTC, datetime, timedelta

import pytest

from pyregistry.accounts.services.users import block, find_user
from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from tests.factories.members import roles_in
from tests.factories.world import FOUNDER, PASSWORD, World
from tests.functional.support import statements
from tests.functional.ui.browsing import BROWSER, hrefs, main_text, signed_in, visit
from tests.functional.ui.sending import changed, confirmed, instead, posted, sent

PAGE = "/acme/core/-/members"
ADD = f"{PAGE}/add"


@pytest.fixture
def acme(world: World) -> World:
    """A private project with an Owner of its group, and a Maintainer who is signed in."""
    world.group("acme")
    world.project("acme/core")
    world.member("acme", "olga", Role.OWNER)
    signed_in(world, "mia")
    world.member("acme/core", "mia", Role.MAINTAINER)
    return world


def test_who_is_a_member_and_from_where(acme: World) -> None:
    acme.member("acme/core", "dora", Role.DEVELOPER, expires_at=datetime(2027, 1, 1, tzinfo=UTC))
    page = visit(acme, PAGE)
    assert page.html.title.get_text() == "Members of acme/core · pyregistry"
    assert [h1.get_text() for h1 in page.html.find_all("h1")] == ["Members"]
    own, above = page.html.find_all("ul", class_="cards")
    rows = [" ".join(card.get_text(" ").split()) for card in own.find_all("li", class_="card")]
    assert len(rows) == 2
    assert rows[0].startswith("dora until 31 December 2026 added just now Developer")
    assert rows[1].startswith("mia You without an end added just now Maintainer")
    [row] = above.find_all("li", class_="card")
    assert "olga without an end" in " ".join(row.get_text(" ").split())
    assert "from the group acme Owner" in " ".join(row.get_text(" ").split())
    assert row.find("a") is None, "mia may not look at the members of the group"


def test_who_may_leads_on_to_the_group(acme: World) -> None:
    acme.member("acme", "mia", Role.GUEST)
    assert "/acme/-/members" in hrefs(visit(acme, PAGE))


def test_a_group_at_the_top_has_nothing_above(acme: World) -> None:
    acme.member("acme", "mia", Role.GUEST)
    text = main_text(visit(acme, "/acme/-/members"))
    assert "Members of this group" in text
    assert "groups above" not in text


def test_who_has_a_role_above_and_an_own_one_is_in_both_lists(acme: World) -> None:
    acme.member("acme/core", "olga", Role.OWNER)
    text = main_text(visit(acme, PAGE))
    assert text.count("olga") == 2


def test_what_is_said_of_bots_and_blocked_users(acme: World) -> None:
    acme.access_token("acme/core", Role.DEVELOPER)
    acme.member("acme/core", "bob", Role.GUEST)
    with acme.components.database.writing() as session:
        block(session, find_user(session, "bob"), FOUNDER, acme.clock())
    text = main_text(visit(acme, PAGE))
    assert "bob Blocked" in text
    assert "Access token" in text


def test_searching(acme: World) -> None:
    acme.member("acme/core", "dora", Role.DEVELOPER)
    acme.member("acme/core", "bob", Role.DEVELOPER)
    form = visit(acme, PAGE).forms["search-members"]
    form["q"] = "OR"
    page = form.submit(headers=BROWSER)
    assert "dora" in main_text(page)
    assert "bob" not in main_text(page)
    assert page.forms["search-members"]["q"].value == "OR"
    assert "Nobody here has “ <b> ” in their name." in main_text(visit(acme, f"{PAGE}?q=<b>"))
    assert "Nobody there has “ <b> ” in their name." in main_text(visit(acme, f"{PAGE}?q=<b>"))


@pytest.mark.parametrize("query", ["q=%00", f"q={'x' * 256}", "after=x", f"after={'x' * 2000}"])
def test_a_query_that_makes_no_sense(acme: World, query: str) -> None:
    page = visit(acme, f"{PAGE}?{query}", 400)
    # What a service says of the headers of the API helps nobody here.
    assert "Link header" not in main_text(page)
    if "after=" in query:
        assert "begin again with its first page" in main_text(page)


@pytest.mark.parametrize(("place", "parameter"), [("acme/core", "after"), ("acme", "above_after")])
def test_paging_costs_the_same_queries(acme: World, place: str, parameter: str) -> None:
    with statements(acme) as before:
        visit(acme, PAGE)
    names = [f"user-{number:02}" for number in range(60)]
    for name in names:
        acme.member(place, name, Role.REPORTER)
    with statements(acme) as after:
        first = visit(acme, f"{PAGE}?q=user")
    assert len(after) == len(before)
    [follow] = first.html.find_all("a", rel="next")
    assert parameter in follow["href"]
    second = visit(acme, follow["href"])
    assert not second.html.find_all("a", rel="next")
    assert second.html.find("a", rel="first")["href"] == f"{PAGE}?q=user"
    shown = [
        name.get_text()
        for page in (first, second)
        for name in page.html.find_all("bdi", class_="who-name")
    ]
    assert sorted(shown) == names


def test_adding_a_member(acme: World) -> None:
    acme.user("dora")
    answer = sent(acme, ADD, "add-member", 303, username="DORA", last_day="2026-12-31")
    assert answer.location == f"http://localhost{PAGE}"
    assert "dora is a Developer of acme/core now." in main_text(visit(acme, PAGE))
    assert roles_in(acme, "acme/core") == {"mia": 40, "dora": 30}
    [(action, actor, path, details)] = changed(acme)
    assert (action, actor, path) == ("member.added", "mia", "acme/core")
    assert details["after"] == {"access_level": 30, "expires_at": "2027-01-01T00:00:00+00:00"}


def test_only_roles_that_one_may_give_are_offered(acme: World) -> None:
    options = visit(acme, ADD).forms["add-member"]["role"].options
    assert [value for value, *_ in options] == ["10", "20", "30", "40"]
    instead(acme, "olga-2")
    acme.member("acme", "olga-2", Role.OWNER)
    options = visit(acme, ADD).forms["add-member"]["role"].options
    assert [value for value, *_ in options] == ["10", "20", "30", "40", "50"]


def test_an_administrator_offers_every_role(acme: World) -> None:
    acme.user("root", is_admin=True, password="correct horse battery staple")
    instead(acme, "root")
    assert len(visit(acme, ADD).forms["add-member"]["role"].options) == 5
    assert "Leave" not in main_text(visit(acme, PAGE))


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"username": ""}, 400, "Type the user name of the new member."),
        (
            {"username": "nobody"},
            404,
            "There is no user 'nobody': give the name that they sign in with.",
        ),
        ({"username": "<b>"}, 404, "There is no user '<b>': give the name"),
        ({"username": "mia"}, 409, "mia is a member here already: change the role in the list"),
        ({"role": "50"}, 403, "You are Maintainer here: you cannot give the role Owner."),
        ({"role": "31"}, 400, "Choose a role."),
        ({"role": ""}, 400, "Choose a role."),
        ({"username": "olga"}, 403, "olga is Owner here"),
        ({"last_day": "2026-11-22"}, 400, "would have ended already"),
        ({"last_day": "31.12.2026"}, 400, "'31.12.2026' is no date"),
        ({"last_day": "2026-02-31"}, 400, "'2026-02-31' is no date"),
        ({"last_day": "20261231"}, 400, "'20261231' is no date"),
        ({"last_day": "9999-12-31"}, 400, "choose an earlier date"),
    ],
)
def test_a_member_who_is_not_added(
    acme: World, fields: dict[str, str], status: int, sentence: str
) -> None:
    acme.user("dora")
    typed = {"username": "dora", "role": "30", "last_day": "", **fields}
    answer = sent(acme, ADD, "add-member", status, **typed)
    assert sentence in main_text(answer)
    assert answer.html.find(role="alert") is not None
    assert answer.headers["Cache-Control"] == "private, no-cache"
    form = answer.forms["add-member"]
    assert form["username"].value == typed["username"]
    assert form["last_day"].value == typed["last_day"]
    assert roles_in(acme, "acme/core") == {"mia": 40}
    assert changed(acme) == []


def test_a_role_below_the_one_from_above_is_refused(acme: World) -> None:
    acme.member("acme", "dora", Role.DEVELOPER)
    answer = sent(acme, ADD, "add-member", 400, username="dora", role="10")
    assert "dora is Developer by a group above" in main_text(answer)


def test_changing_a_member(acme: World) -> None:
    acme.member("acme/core", "dora", Role.DEVELOPER)
    address = f"{PAGE}/{acme.users['dora']}"
    assert address in hrefs(visit(acme, PAGE))
    form = visit(acme, address).forms["change-member"]
    assert (form["role"].value, form["last_day"].value) == ("30", "")
    sent(acme, address, "change-member", 303, role="40", last_day="2026-12-31")
    assert "dora is a Maintainer of acme/core now." in main_text(visit(acme, PAGE))
    assert roles_in(acme, "acme/core")["dora"] == 40
    assert visit(acme, address).forms["change-member"]["last_day"].value == "2026-12-31"
    sent(acme, address, "change-member", 303, last_day="")
    assert visit(acme, address).forms["change-member"]["last_day"].value == ""
    assert [action for action, *_ in changed(acme)] == ["member.changed", "member.changed"]


def test_an_end_within_a_day_is_kept_where_its_day_is(acme: World) -> None:
    end = acme.clock() + timedelta(days=3)
    acme.member("acme/core", "dora", Role.DEVELOPER, expires_at=end)
    sent(acme, f"{PAGE}/{acme.users['dora']}", "change-member", 303, role="20")
    [(*_, details)] = changed(acme)
    assert details["before"]["expires_at"] == details["after"]["expires_at"]
    assert details["after"]["access_level"] == 20


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"role": "50"}, 403, "you cannot give the role Owner"),
        ({"role": "x"}, 400, "Choose a role."),
        ({"last_day": "never"}, 400, "'never' is no date"),
        ({"last_day": "2020-01-01"}, 400, "would have ended already"),
    ],
)
def test_a_change_that_is_refused(
    acme: World, fields: dict[str, str], status: int, sentence: str
) -> None:
    acme.member("acme/core", "dora", Role.DEVELOPER)
    answer = sent(acme, f"{PAGE}/{acme.users['dora']}", "change-member", status, **fields)
    assert sentence in main_text(answer)
    if "last_day" in fields:
        assert answer.forms["change-member"]["last_day"].value == fields["last_day"]
    assert roles_in(acme, "acme/core")["dora"] == 30
    assert changed(acme) == []


def test_who_is_above_has_no_form_and_cannot_be_changed(acme: World) -> None:
    acme.member("acme/core", "olga", Role.OWNER)
    address = f"{PAGE}/{acme.users['olga']}"
    assert address not in hrefs(visit(acme, PAGE))
    page = visit(acme, address)
    assert "The role Owner is above your own" in main_text(page)
    assert "change-member" not in page.forms
    answer = posted(acme, address, {"role": "10"}, 403)
    assert "only who is that, too, may change it" in main_text(answer)
    answer = posted(acme, f"{address}/remove", {"confirmed": "yes"}, 403)
    assert "only who is that, too, may change it" in main_text(answer)
    assert roles_in(acme, "acme/core")["olga"] == 50


def test_the_last_owner_stays(acme: World) -> None:
    acme.user("root", is_admin=True, password="correct horse battery staple")
    instead(acme, "root")
    address = f"/acme/-/members/{acme.users['olga']}"
    answer = sent(acme, address, "change-member", 403, role="40")
    assert "acme would be left without an Owner" in main_text(answer)
    answer = confirmed(acme, f"{address}/remove", "remove-member", 403)
    assert "acme would be left without an Owner" in main_text(answer)
    assert roles_in(acme, "acme") == {"olga": 50}
    assert changed(acme) == []


def test_removing_a_member(acme: World) -> None:
    acme.member("acme/core", "dora", Role.DEVELOPER)
    address = f"{PAGE}/{acme.users['dora']}"
    assert f"{address}/remove" in hrefs(visit(acme, address))
    assert "dora loses the role Developer" in main_text(visit(acme, f"{address}/remove"))
    assert confirmed(acme, f"{address}/remove", "remove-member").location.endswith(PAGE)
    assert "dora has no role of their own in acme/core any more." in main_text(visit(acme, PAGE))
    assert roles_in(acme, "acme/core") == {"mia": 40}
    assert [action for action, *_ in changed(acme)] == ["member.removed"]
    visit(acme, address, 404)
    visit(acme, f"{address}/remove", 404)
    posted(acme, f"{address}/remove", {"confirmed": "yes"}, 404)


def test_nothing_is_done_without_the_button(acme: World) -> None:
    acme.member("acme/core", "dora", Role.DEVELOPER)
    for address in (f"{PAGE}/{acme.users['dora']}/remove", f"{PAGE}/leave"):
        assert "Nothing was done yet" in main_text(posted(acme, address, {}, 400))
    assert roles_in(acme, "acme/core") == {"mia": 40, "dora": 30}


def test_removing_oneself_leads_away(acme: World) -> None:
    answer = confirmed(acme, f"{PAGE}/{acme.users['mia']}/remove", "remove-member")
    assert answer.location == "http://localhost/"


def test_a_bot_has_no_form_for_its_role_and_can_be_removed(acme: World) -> None:
    acme.access_token("acme/core", Role.DEVELOPER)
    [bot] = [name for name in roles_in(acme, "acme/core") if name.startswith("bot-")]
    address = f"{PAGE}/{acme.users[bot]}"
    page = visit(acme, address)
    assert "the bot of an access token" in main_text(page)
    assert "change-member" not in page.forms
    assert "/acme/core/-/tokens" in hrefs(page)
    posted(acme, address, {"role": "20"}, 400)
    confirmed(acme, f"{address}/remove", "remove-member")
    assert bot not in roles_in(acme, "acme/core")


@pytest.mark.parametrize("role", [Role.GUEST, Role.REPORTER, Role.DEVELOPER])
def test_who_may_not_manage_sees_the_list_and_no_forms(acme: World, role: Role) -> None:
    instead(acme, "gus")
    acme.member("acme/core", "gus", role)
    page = visit(acme, PAGE)
    assert "You can look at this list and not change it." in main_text(page)
    assert not {ADD, f"{PAGE}/{acme.users['mia']}"} & hrefs(page)
    for address in (ADD, f"{PAGE}/{acme.users['gus']}", f"{PAGE}/{acme.users['gus']}/remove"):
        visit(acme, address, 403)
        posted(acme, address, {"confirmed": "yes"}, 403)


def test_leaving(acme: World) -> None:
    instead(acme, "gus")
    acme.member("acme/core", "gus", Role.GUEST)
    assert f"{PAGE}/leave" in hrefs(visit(acme, PAGE))
    answer = confirmed(acme, f"{PAGE}/leave", "leave")
    assert answer.location == "http://localhost/"
    assert "You have left acme/core." in main_text(visit(acme, "/"))
    assert roles_in(acme, "acme/core") == {"mia": 40}
    visit(acme, PAGE, 404)


def test_who_has_no_own_role_cannot_leave(acme: World) -> None:
    instead(acme, "gus")
    acme.member("acme", "gus", Role.GUEST)
    assert f"{PAGE}/leave" not in hrefs(visit(acme, PAGE))
    answer = visit(acme, f"{PAGE}/leave", 404)
    assert "You have no role of your own here" in main_text(answer)
    assert "leave" not in answer.forms
    answer = posted(acme, f"{PAGE}/leave", {"confirmed": "yes"}, 404)
    assert "You have no role of your own here" in main_text(answer)
    assert roles_in(acme, "acme")["gus"] == 10


def test_an_administrator_who_is_no_member_cannot_leave(acme: World) -> None:
    acme.user("root", is_admin=True, password=PASSWORD)
    instead(acme, "root")
    assert f"{PAGE}/leave" not in hrefs(visit(acme, PAGE))
    visit(acme, f"{PAGE}/leave", 404)


def test_who_is_a_member_no_longer_cannot_leave(acme: World) -> None:
    instead(acme, "gus")
    acme.member("acme", "gus", Role.GUEST)
    acme.member("acme/core", "gus", Role.REPORTER, expires_at=acme.clock() + timedelta(hours=1))
    visit(acme, f"{PAGE}/leave")
    acme.clock.advance(hours=1)
    visit(acme, f"{PAGE}/leave", 404)


def test_the_last_owner_cannot_leave(acme: World) -> None:
    instead(acme, "zoe")
    acme.group("zoo")
    acme.member("zoo", "zoe", Role.OWNER)
    answer = confirmed(acme, "/zoo/-/members/leave", "leave", 403)
    assert "zoo would be left without an Owner" in main_text(answer)
    assert roles_in(acme, "zoo") == {"zoe": 50}


@pytest.mark.parametrize("below", ["", "/add", "/leave", "/1", "/1/remove"])
def test_hidden_is_as_if_it_were_not_there(acme: World, below: str) -> None:
    instead(acme, "stranger")
    hidden = visit(acme, f"/acme/core/-/members{below}", 404)
    missing = visit(acme, f"/acme/nope/-/members{below}", 404)
    assert hidden.text.replace("/core/", "/nope/") == missing.text
    acme.app.reset()
    answer = visit(acme, f"{PAGE}{below}", 303)
    assert "/-/login?return_to=" in answer.location


@pytest.mark.parametrize("below", ["/x", "/1/x", "/add/1", "/leave/x", "/0x1", f"/{'9' * 19}"])
def test_there_is_nothing_else(acme: World, below: str) -> None:
    visit(acme, f"{PAGE}{below}", 404)


def test_a_token_that_only_reads_sees_why_there_is_no_form(acme: World) -> None:
    headers = acme.as_("mia", Scope.READ_API)
    acme.app.reset()
    page = acme.app.get(PAGE, headers={**headers, **BROWSER})
    assert "The token has only the scope read_api" in main_text(page)
    assert ADD not in hrefs(page)


def test_names_are_shown_harmlessly(acme: World) -> None:
    acme.user("dora", name="<b>Dora</b> evil")
    acme.member("acme/core", "dora", Role.DEVELOPER)
    address = f"{PAGE}/{acme.users['dora']}"
    for page in (PAGE, address, f"{address}/remove"):
        html = visit(acme, page).html
        assert html.main.find("b") is None
        assert any("<b>Dora</b>" in each.get_text() for each in html.main.find_all("bdi"))
