"""The pages of access tokens and deploy tokens of groups and projects."""

from datetime import UTC, datetime, timedelta

import pytest
from pyramid.registry import Registry
from webtest import TestResponse

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.tokens.models import Token
from pyregistry.tokens.secrets import digest
from tests.factories.distributions import sdist
from tests.factories.members import roles_in
from tests.factories.tokens import change_token, token_id, token_row
from tests.factories.world import World, basic
from tests.functional.oidc.support import trust
from tests.functional.support import statements
from tests.functional.ui.browsing import BROWSER, hrefs, main_text, signed_in, visit
from tests.functional.ui.sending import changed, confirmed, instead, posted

PAGE = "/acme/core/-/tokens"
KINDS = pytest.mark.parametrize("kind", ["access", "deploy"])
READ = {"access": Scope.READ_API, "deploy": Scope.READ_PACKAGE_REGISTRY}


@pytest.fixture
def acme(world: World) -> World:
    """A private project with an Owner of its group, and a Maintainer who is signed in."""
    world.group("acme")
    world.project("acme/core")
    world.member("acme", "olga", Role.OWNER)
    signed_in(world, "mia")
    world.member("acme/core", "mia", Role.MAINTAINER)
    return world


def new_token(
    world: World, kind: str, role: Role = Role.DEVELOPER, place: str = "acme/core"
) -> str:
    """A token of a project or group."""
    if kind == "access":
        return world.access_token(place, role)
    return world.deploy_token(place, Scope.READ_PACKAGE_REGISTRY)


def created(
    world: World, kind: str, *scopes: Scope, page: str = PAGE, status: int = 303, **fields: str
) -> TestResponse:
    """Fill in the form of a new token and send it; the page that it leads to."""
    form = visit(world, f"{page}/{kind}/add").forms["add-token"]
    for scope in scopes:
        [box] = [each for each in form.fields["scopes[]"] if each._value == scope]
        box.checked = True
    for name, value in {"name": "nightly", **fields}.items():
        form[name] = value
    return form.submit(headers=BROWSER, status=status).maybe_follow(headers=BROWSER)


def secret_in(page: TestResponse) -> str:
    """The secret that a page shows."""
    return str(page.html.find(class_="secret").code.get_text())


@pytest.mark.parametrize("place", ["acme/core", "acme"])
def test_the_tokens_of_a_place(acme: World, place: str) -> None:
    acme.member("acme", "mia", Role.MAINTAINER)
    access = acme.access_token(place, Role.DEVELOPER, expires_at=datetime(2027, 1, 5, tzinfo=UTC))
    used = {"last_used_at": acme.clock(), "last_used_address": "192.0.2.9"}
    change_token(acme, access, name="nightly", description="of <b>builds</b>", **used)
    deploy = acme.deploy_token(place, Scope.READ_PACKAGE_REGISTRY, username="server-7")
    page = visit(acme, f"/{place}/-/tokens")
    assert page.html.title.get_text() == f"Tokens of {place} · pyregistry"
    text = main_text(page)
    assert "nightly Developer of <b>builds</b> api expires 5 January 2027" in text
    assert "last used just now from 192.0.2.9" in text
    assert "deploy token of server-7 user name server-7 read_package_registry" in text
    assert "never expires never used created just now" in text
    assert ("Trusted publishers" in text) is (place == "acme/core")
    for secret in (access, deploy):
        assert secret not in page.text
        assert digest(secret).hex() not in page.text
    below = f"/{place}/-/tokens"
    assert {
        f"{below}/access/add",
        f"{below}/deploy/add",
        f"{below}/access/{token_id(acme, access)}/rotate",
        f"{below}/deploy/{token_id(acme, deploy)}/revoke",
    } <= hrefs(page)


def test_tokens_of_other_places_are_not_listed(acme: World) -> None:
    acme.access_token("acme", Role.DEVELOPER)
    acme.deploy_token("acme", Scope.READ_PACKAGE_REGISTRY)
    text = main_text(visit(acme, PAGE))
    assert "There is no valid access token." in text
    assert "There is no valid deploy token." in text


@KINDS
def test_who_created_a_token(acme: World, kind: str) -> None:
    created(acme, kind, READ[kind], name="hers")
    acme.user("dora")
    ended = {"creator_id": acme.users["dora"], "revoked_at": acme.clock()}
    change_token(acme, new_token(acme, kind), name="over", **ended)
    change_token(acme, new_token(acme, kind), name="by-command")

    def shown(address: str) -> dict[str, str]:
        return {
            card.find(class_="who-name").get_text(): " ".join(card.get_text(" ").split())
            for card in visit(acme, address).html.select("main .card")
        }

    cards = shown(PAGE)
    assert "created just now creator mia" in cards["hers"]
    assert "creator" not in cards["by-command"]
    assert "created just now creator dora" in shown(f"{PAGE}/{kind}/ended")["over"]


@KINDS
def test_who_rotates_a_token_is_not_its_creator(acme: World, kind: str) -> None:
    secret = new_token(acme, kind)
    change_token(acme, secret, creator_id=acme.users["olga"])
    confirmed(acme, f"{PAGE}/{kind}/{token_id(acme, secret)}/rotate", "rotate-token", 303)
    visit(acme, PAGE)  # shows the new secret, once
    assert "creator olga" in main_text(visit(acme, PAGE))


@KINDS
def test_ended_tokens_are_behind_a_link(acme: World, kind: str) -> None:
    for name, values in {
        "gone": {"revoked_at": acme.clock()},
        "stale": {"expires_at": acme.clock() - timedelta(days=1)},
        "fresh": {},
    }.items():
        change_token(acme, new_token(acme, kind), name=name, **values)
    page = visit(acme, PAGE)
    assert "fresh" in main_text(page)
    assert not any(name in main_text(page) for name in ("gone", "stale"))
    ended = f"{PAGE}/{kind}/ended"
    assert ended in hrefs(page)
    there = visit(acme, ended)
    assert there.html.h1.get_text() == f"Revoked and expired {kind} tokens"
    assert there.html.find_all(attrs={"aria-current": "page"})[0].get_text() == there.html.h1.text
    text = main_text(there)
    assert "gone" in text
    assert "Revoked" in text
    assert "revoked just now" in text
    assert "stale" in text
    assert "expired 22 November 2026" in text
    assert "fresh" not in text
    assert not any("rotate" in href or "revoke" in href for href in hrefs(visit(acme, ended)))


@KINDS
def test_paging_costs_the_same_queries(acme: World, kind: str) -> None:
    with statements(acme) as before:
        visit(acme, PAGE)
    names = [f"token-{number:02}" for number in range(30)]
    for name in names:
        change_token(acme, new_token(acme, kind), name=name)
    with statements(acme) as after:
        first = visit(acme, PAGE)
    assert len(after) == len(before)
    [follow] = first.html.find_all("a", rel="next")
    second = visit(acme, follow["href"])
    assert second.html.find("a", rel="first")["href"] == PAGE
    shown = [
        name.get_text()
        for page in (first, second)
        for name in page.html.find_all("bdi", class_="who-name")
    ]
    assert shown == names[::-1]
    assert len(first.body) < 100_000


@pytest.mark.parametrize("query", ["access_after=x", "deploy_after=%00", "publishers_after=e30"])
def test_a_query_that_makes_no_sense(acme: World, query: str) -> None:
    visit(acme, f"{PAGE}?{query}", 400)


def test_creating_an_access_token(acme: World) -> None:
    page = created(acme, "access", Scope.API, description="of builds", ends_on="2027-01-05")
    secret = secret_in(page)
    assert page.headers["Cache-Control"] == "no-store"
    row = token_row(acme, secret)
    assert (row.name, row.description, row.scopes) == ("nightly", "of builds", ["api"])
    assert row.expires_at == datetime(2027, 1, 5, tzinfo=UTC)
    assert set(roles_in(acme, "acme/core").values()) == {40, 30}
    [(action, actor, path, details)] = changed(acme)
    assert (action, actor, path) == ("token.created", "mia", "acme/core")
    assert secret not in str(details)
    acme.upload("acme/core", sdist(), basic(secret))
    assert secret not in visit(acme, PAGE).text


def test_creating_a_deploy_token(acme: World) -> None:
    scopes = (Scope.READ_PACKAGE_REGISTRY, Scope.WRITE_PACKAGE_REGISTRY)
    page = created(acme, "deploy", *scopes, username="server-7", ends_on="")
    row = token_row(acme, secret_in(page))
    assert (row.username, row.expires_at, row.scopes) == ("server-7", None, sorted(scopes))
    assert [action for action, *_ in changed(acme)] == ["token.created"]


@pytest.mark.parametrize(
    ("kind", "scopes", "installs", "publishes"),
    [
        ("access", [Scope.API], True, True),
        ("access", [Scope.READ_API], True, False),
        ("deploy", [Scope.READ_PACKAGE_REGISTRY], True, False),
        ("deploy", [Scope.WRITE_PACKAGE_REGISTRY], False, True),
    ],
)
def test_what_a_new_token_is_put_into(
    acme: World, kind: str, scopes: list[Scope], installs: bool, publishes: bool
) -> None:
    page = created(acme, kind, *scopes)
    secret = secret_in(page)
    texts = [
        each.get_text() for each in page.html.main.find(id="token-use").parent.find_all("code")
    ]
    assert any(text.startswith("machine localhost\n") for text in texts) is installs
    assert any("index-url = http://localhost/acme/core/-/simple/" in each for each in texts) is (
        installs
    )
    # An index that is the only one breaks public dependencies: who copies it must know.
    assert ("Public packages are then not found" in main_text(page)) is installs
    upload = "http://localhost/acme/core/-/legacy/"
    assert any(f"TWINE_REPOSITORY_URL={upload}" in text for text in texts) is publishes
    assert any(f"repository = {upload}" in text for text in texts) is publishes
    username = (
        "__token__" if kind == "access" else f"pyregistry+deploy-token-{token_row(acme, secret).id}"
    )
    assert any(username in text for text in texts)
    for line in "\n".join(texts).splitlines():
        assert not ("//" in line and secret in line), "no address holds a secret"


def test_a_token_of_a_group_names_no_upload_address(acme: World) -> None:
    acme.member("acme", "mia", Role.MAINTAINER)
    page = created(acme, "access", Scope.API, page="/acme/-/tokens")
    assert "/-/legacy/" not in page.text
    assert "take the upload address from the page of a project" in main_text(page)


def test_what_the_form_proposes(acme: World) -> None:
    form = visit(acme, f"{PAGE}/access/add").forms["add-token"]
    assert form["ends_on"].value == "2027-11-23"
    assert form["role"].value == "30"
    assert [value for value, *_ in form["role"].options] == ["10", "20", "30", "40"]
    assert not any(box.checked for box in form.fields["scopes[]"])


@pytest.mark.parametrize(
    ("kind", "fields", "sentence"),
    [
        ("access", {"name": " "}, "A token needs a name"),
        ("access", {"name": "x" * 256}, "A token needs a name"),
        ("access", {"description": "x" * 1001}, "1000 characters at most"),
        ("access", {"ends_on": "2026-11-23"}, "would have expired already: choose a later date"),
        ("access", {"ends_on": "soon"}, "'soon' is no date"),
        ("deploy", {"ends_on": "2020-01-01"}, "would have expired already: choose a later date"),
        ("deploy", {"username": "a b"}, "The user name of a deploy token has"),
        ("deploy", {"username": "__token__"}, "The user name of a deploy token has"),
        ("deploy", {"name": ""}, "A token needs a name"),
    ],
)
def test_a_token_that_is_not_created(
    acme: World, kind: str, fields: dict[str, str], sentence: str
) -> None:
    page = created(acme, kind, READ[kind], status=400, **fields)
    assert sentence in main_text(page)
    assert page.html.find(role="alert") is not None
    form = page.forms["add-token"]
    for name, value in fields.items():
        assert form[name].value == value
    assert [box.checked for box in form.fields["scopes[]"]] == [True, False]
    assert acme.count(Token) == 0
    assert roles_in(acme, "acme/core") == {"mia": 40}
    assert changed(acme) == []


@KINDS
def test_a_token_needs_a_use(acme: World, kind: str) -> None:
    page = created(acme, kind, status=400)
    assert f"Choose what the {kind} token may be used for." in main_text(page)
    fields = {"name": "x", "role": "30", "scopes[]": "write_everything"}
    posted(acme, f"{PAGE}/{kind}/add", fields, 400)
    assert acme.count(Token) == 0


def test_nobody_makes_a_token_above_themselves(acme: World) -> None:
    fields = {"name": "x", "role": "50", "scopes[]": "api"}
    page = posted(acme, f"{PAGE}/access/add", fields, 403)
    assert "a token cannot have a role above that" in main_text(page)
    posted(acme, f"{PAGE}/access/add", {**fields, "role": "31"}, 400)
    assert acme.count(Token) == 0
    assert changed(acme) == []


@KINDS
def test_the_longest_lifetime_is_proposed_and_held(
    acme: World, application: tuple[object, Registry], kind: str
) -> None:
    trust(acme, application[1], None, [], tokens__max_lifetime="30 days")
    form = visit(acme, f"{PAGE}/{kind}/add").forms["add-token"]
    assert form["ends_on"].value == "2026-12-23"
    page = visit(acme, f"{PAGE}/{kind}/add")
    assert "Tokens last for 30 days at most here." in main_text(page)
    rotation = visit(acme, f"{PAGE}/{kind}/{token_id(acme, new_token(acme, kind))}/rotate")
    for shown in (page, rotation):
        assert shown.html.find(id="field-ends_on")["max"] == "2026-12-23"
    for end in ("2027-01-01", ""):
        page = created(acme, kind, READ[kind], status=400, ends_on=end)
        assert "A token may be valid for 30 days here" in main_text(page)
    created(acme, kind, READ[kind])


@KINDS
def test_rotating(acme: World, kind: str) -> None:
    old = new_token(acme, kind)
    address = f"{PAGE}/{kind}/{token_id(acme, old)}/rotate"
    form = visit(acme, address).forms["rotate-token"]
    form["ends_on"] = "2027-01-05"
    page = form.submit("confirmed", headers=BROWSER, status=303).follow(headers=BROWSER)
    assert page.headers["Cache-Control"] == "no-store"
    new = token_row(acme, secret_in(page))
    assert new.expires_at == datetime(2027, 1, 5, tzinfo=UTC)
    assert token_row(acme, old).revoked_at is not None
    assert [action for action, *_ in changed(acme)] == ["token.rotated"]
    again = visit(acme, address).forms["rotate-token"].submit("confirmed", status=400)
    assert "The token was revoked and cannot be rotated" in main_text(again)


@KINDS
@pytest.mark.parametrize(
    ("end", "sentence"), [("2020-01-01", "would have expired already"), ("x", "'x' is no date")]
)
def test_a_rotation_that_is_refused(acme: World, kind: str, end: str, sentence: str) -> None:
    old = new_token(acme, kind)
    form = visit(acme, f"{PAGE}/{kind}/{token_id(acme, old)}/rotate").forms["rotate-token"]
    form["ends_on"] = end
    page = form.submit("confirmed", headers=BROWSER, status=400)
    assert sentence in main_text(page)
    assert page.forms["rotate-token"]["ends_on"].value == end
    assert token_row(acme, old).revoked_at is None
    assert changed(acme) == []


@KINDS
def test_revoking(acme: World, kind: str) -> None:
    secret = new_token(acme, kind)
    address = f"{PAGE}/{kind}/{token_id(acme, secret)}/revoke"
    assert "It was never used." in main_text(visit(acme, address))
    answer = confirmed(acme, address, "revoke-token")
    assert answer.location == f"http://localhost{PAGE}"
    name = token_row(acme, secret).name
    assert f"The token “{name}” is revoked" in main_text(visit(acme, PAGE))
    assert token_row(acme, secret).revoked_at is not None
    assert roles_in(acme, "acme/core") == {"mia": 40}
    assert [action for action, *_ in changed(acme)] == ["token.revoked"]


@KINDS
@pytest.mark.parametrize("verb", ["rotate", "revoke"])
def test_nothing_is_done_without_the_button(acme: World, kind: str, verb: str) -> None:
    secret = new_token(acme, kind)
    page = posted(acme, f"{PAGE}/{kind}/{token_id(acme, secret)}/{verb}", {}, 400)
    assert "Nothing was done yet" in main_text(page)
    assert token_row(acme, secret).revoked_at is None
    assert acme.count(Token) == 1


@KINDS
@pytest.mark.parametrize("verb", ["rotate", "revoke"])
def test_tokens_of_other_places_and_kinds_are_not_there(acme: World, kind: str, verb: str) -> None:
    other = "deploy" if kind == "access" else "access"
    above, elsewhere = new_token(acme, kind, place="acme"), new_token(acme, other)
    for secret in (above, elsewhere):
        address = f"{PAGE}/{kind}/{token_id(acme, secret)}/{verb}"
        visit(acme, address, 404)
        posted(acme, address, {"confirmed": "yes"}, 404)
        assert token_row(acme, secret).revoked_at is None


@pytest.mark.parametrize("verb", ["rotate", "revoke"])
def test_a_token_of_an_owner_is_for_owners(acme: World, verb: str) -> None:
    secret = acme.access_token("acme/core", Role.OWNER)
    address = f"{PAGE}/access/{token_id(acme, secret)}/{verb}"
    assert address not in hrefs(visit(acme, PAGE))
    page = posted(acme, address, {"confirmed": "yes"}, 403)
    assert "only who has that, too, may change it" in main_text(page)
    assert token_row(acme, secret).revoked_at is None


BELOW = [
    f"/{kind}{below}"
    for kind in ("access", "deploy")
    for below in ("/add", "/ended", "/1/rotate", "/1/revoke")
]


@pytest.mark.parametrize("role", [Role.GUEST, Role.DEVELOPER])
def test_who_is_no_maintainer_sees_no_tokens(acme: World, role: Role) -> None:
    instead(acme, "dora")
    acme.member("acme/core", "dora", role)
    assert PAGE not in hrefs(visit(acme, "/acme/core/"))
    for below in ("", *BELOW):
        visit(acme, PAGE + below, 403)


def test_hidden_is_as_if_it_were_not_there(acme: World) -> None:
    instead(acme, "stranger")
    for below in ("", *BELOW, "/publishers/gitlab", "/publishers/1/remove"):
        hidden, missing = (
            visit(acme, f"/acme/{name}/-/tokens{below}", 404) for name in ("core", "nope")
        )
        assert hidden.text.replace("/core/", "/nope/") == missing.text
    acme.app.reset()
    for below in ("", *BELOW):
        assert "/-/login?return_to=" in visit(acme, PAGE + below, 303).location


@pytest.mark.parametrize(
    "below",
    [
        "/access",
        "/deploy",
        "/access/1",
        "/access/x",
        "/publishers",
        "/access/1/x",
        "/x",
        "/access/999999/rotate",
        "/deploy/999999/revoke",
        "/publishers/999999/remove",
    ],
)
def test_there_is_nothing_else(acme: World, below: str) -> None:
    visit(acme, PAGE + below, 404)


def test_who_reads_only_sees_why_there_are_no_forms(acme: World) -> None:
    acme.access_token("acme/core", Role.DEVELOPER)
    headers = acme.as_("mia", Scope.READ_API)
    acme.app.reset()
    page = acme.app.get(PAGE, headers={**headers, **BROWSER})
    assert main_text(page).count("You can look at them and not change them.") == 3
    assert "The token has only the scope read_api" in main_text(page)
    assert not any(
        word in href for href in hrefs(page) for word in ("/add", "/rotate", "/revoke", "/gitlab")
    )


def test_names_are_shown_harmlessly(acme: World) -> None:
    secret = acme.deploy_token("acme/core", Scope.READ_PACKAGE_REGISTRY)
    change_token(acme, secret, name="<b>nightly</b>")
    number = token_id(acme, secret)
    for page in (PAGE, f"{PAGE}/deploy/{number}/rotate", f"{PAGE}/deploy/{number}/revoke"):
        html = visit(acme, page).html
        assert html.main.find("b") is None
        assert any("<b>nightly</b>" in each.get_text() for each in html.main.find_all("bdi"))
