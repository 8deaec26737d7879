"""Access tokens and deploy tokens of groups and projects in the JSON API."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.tokens.models import Token
from pyregistry.tokens.secrets import is_token
from tests.factories.members import changes, roles_in
from tests.factories.tokens import token_id, token_row
from tests.factories.world import World, basic
from tests.functional.support import browser, sentence_of, signed_in_app, with_settings

GROUP, PROJECT = "/api/v4/groups/acme", "/api/v4/projects/acme%2Fcore"
PLACES = {"group": ("acme", GROUP), "project": ("acme/core", PROJECT)}
NOT_FOUND = "Not found: there is no such token here."
ACCESS = {"name": "ci", "scopes": ["api"]}
DEPLOY = {"name": "shipping", "scopes": ["read_package_registry"]}
BOUNDS = ("after", "before")
KINDS = {"access_tokens": ACCESS, "deploy_tokens": DEPLOY}


@pytest.fixture(autouse=True)
def _tree(world: World) -> None:
    """A private group with a project; olga is Owner of the group, mia Maintainer of the project."""
    world.group("acme")
    world.project("acme/core")
    world.member("acme", "olga", Role.OWNER)
    world.member("acme/core", "mia", Role.MAINTAINER)


def send(
    world: World,
    method: str,
    address: str,
    who: str | dict[str, str],
    status: int,
    **parameters: Any,
) -> Any:
    """Send parameters as JSON; the body of the answer, or the sentence of a refusal."""
    response = world.app.request(
        address,
        method=method,
        body=json.dumps(parameters).encode(),
        headers={
            **(world.as_(who) if isinstance(who, str) else who),
            "Content-Type": "application/json",
        },
        status=status,
    )
    if status >= 400:
        return sentence_of(response)
    stored = "no-store" if "token" in response.text and method != "GET" else None
    assert response.headers.get("Cache-Control") == stored
    return response.json if response.body else None


def read(world: World, address: str, who: str | dict[str, str]) -> Any:
    """What is to be read at an address."""
    headers = world.as_(who) if isinstance(who, str) else who
    response = world.app.get(address, headers=headers, status=200)
    assert response.headers["Cache-Control"] == "private, no-cache"
    return response.json


@pytest.mark.parametrize("place", PLACES)
def test_an_access_token_from_beginning_to_end(world: World, place: str) -> None:
    path, address = PLACES[place]
    created = send(
        world,
        "POST",
        f"{address}/access_tokens",
        "olga",
        201,
        **ACCESS,
        access_level=30,
        description="for the releases",
        expires_at="2027-01-31",
    )
    secret = created.pop("token")
    row = token_row(world, secret)
    assert created == {
        "id": row.id,
        "name": "ci",
        "scopes": ["api"],
        "revoked": False,
        "active": True,
        "created_at": "2026-11-23T12:00:00.000Z",
        "expires_at": "2027-01-31",
        "last_used_at": None,
        "last_used_address": None,
        "last_used_ips": [],
        "description": "for the releases",
        "user_id": row.user_id,
        "access_level": 30,
    }
    one = f"{address}/access_tokens/{row.id}"
    assert read(world, one, "olga") == created
    assert read(world, f"{address}/access_tokens", "olga") == [created]
    world.app.get("/acme/core/-/simple/", headers=basic(secret), status=200)
    rotated = send(world, "POST", f"{one}/rotate", "olga", 200)
    new = rotated.pop("token")
    assert is_token(new)
    assert rotated == {**created, "id": token_id(world, new)}
    world.app.get("/acme/core/-/simple/", headers=basic(secret), status=401)
    world.app.get("/acme/core/-/simple/", headers=basic(new), status=200)
    send(world, "DELETE", f"{address}/access_tokens/{rotated['id']}", "olga", 204)
    world.app.get("/acme/core/-/simple/", headers=basic(new), status=401)
    assert set(roles_in(world, path)) <= {"olga", "mia"}
    over = {"active": False, "revoked": True, "access_level": None}
    old, gone = read(world, f"{address}/access_tokens", "olga")
    assert gone == {**rotated, **over, "last_used_at": gone["last_used_at"]}
    assert (old["id"], old["revoked"]) == (created["id"], True)
    # Again, and nothing changes.
    send(world, "DELETE", one, "olga", 204)
    assert [action for action, *_ in changes(world)] == [
        "token.created",
        "token.rotated",
        "token.revoked",
    ]


@pytest.mark.parametrize("place", PLACES)
def test_a_deploy_token_from_beginning_to_end(world: World, place: str) -> None:
    _, address = PLACES[place]
    created = send(
        world,
        "POST",
        f"{address}/deploy_tokens",
        "olga",
        201,
        **DEPLOY,
        expires_at="2027-01-31T12:00:00+01:00",
    )
    secret = created.pop("token")
    row = token_row(world, secret)
    assert created == {
        "id": row.id,
        "name": "shipping",
        "username": f"pyregistry+deploy-token-{row.id}",
        "scopes": ["read_package_registry"],
        "revoked": False,
        "expired": False,
        "created_at": "2026-11-23T12:00:00.000Z",
        "expires_at": "2027-01-31T11:00:00.000Z",
        "last_used_at": None,
        "last_used_address": None,
        "last_used_ips": [],
    }
    one = f"{address}/deploy_tokens/{row.id}"
    assert read(world, one, "olga") == created
    assert read(world, f"{address}/deploy_tokens", "olga") == [created]
    rotated = send(world, "POST", f"{one}/rotate", "olga", 200, expires_at="2027-02-28T01:02:03Z")
    new = rotated.pop("token")
    assert rotated == {
        **created,
        "id": token_id(world, new),
        "expires_at": "2027-02-28T01:02:03.000Z",
    }
    headers = basic(new, created["username"])
    world.app.get("/acme/core/-/simple/", headers=headers, status=200)
    send(world, "DELETE", f"{address}/deploy_tokens/{rotated['id']}", "olga", 204)
    world.app.get("/acme/core/-/simple/", headers=headers, status=401)
    states = [token["revoked"] for token in read(world, f"{address}/deploy_tokens", "olga")]
    assert states == [True, True]


def test_no_secret_is_ever_shown_again(world: World) -> None:
    secrets = [
        send(world, "POST", f"{PROJECT}/{kind}", "olga", 201, **parameters)["token"]
        for kind, parameters in KINDS.items()
    ]
    assert all(map(is_token, secrets))
    for kind in KINDS:
        answer = world.app.get(f"{PROJECT}/{kind}", headers=world.as_("olga")).text
        assert not re.search("pyr[a-z]{3}_", answer)


def test_defaults(world: World) -> None:
    created = send(world, "POST", f"{PROJECT}/access_tokens", "mia", 201, **ACCESS)
    assert (created["access_level"], created["expires_at"]) == (40, None)
    created = send(world, "POST", f"{PROJECT}/deploy_tokens", "mia", 201, **DEPLOY, username="x")
    assert (created["username"], created["expires_at"]) == ("x", None)


def test_parameters_may_be_a_form(world: World) -> None:
    for scopes in (
        {"scopes[]": ["api", "read_api"]},
        {"scopes": "api,read_api"},
        {"scopes": "read_api api"},
    ):
        form = {"name": "ci", "access_level": "10", "expires_at": "2030-01-31", **scopes}
        created = world.app.post(
            f"{PROJECT}/access_tokens",
            [(name, one) for name, value in form.items() for one in _each(value)],
            headers=world.as_("mia"),
            status=201,
        ).json
        assert (created["scopes"], created["access_level"]) == (["api", "read_api"], 10)
    form = {"name": "x", "scopes[]": "write_package_registry"}
    created = world.app.post(
        f"{PROJECT}/deploy_tokens", form, headers=world.as_("mia"), status=201
    ).json
    assert created["scopes"] == ["write_package_registry"]


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": None}, "needs a name"),
    ({"name": "  "}, "needs a name"),
    ({"name": 1}, "name"),
    ({"name": "x" * 256}, "needs a name"),
    ({"name": "a\nb"}, "needs a name"),
    ({"name": "a\0b"}, "'name'"),
    ({"scopes": None}, "scopes"),
    ({"scopes": []}, "scopes"),
    ({"scopes": ""}, "scopes"),
    ({"scopes": "sudo"}, "scopes"),
    ({"scopes": ["sudo"]}, "scopes"),
    ({"scopes": [["api"]]}, "scopes"),
    ({"scopes": [1]}, "scopes"),
    ({"scopes": {"api": 1}}, "scopes"),
    ({"scopes": 1}, "scopes"),
    ({"expires_at": 1}, "expires_at"),
    ({"expires_at": "tomorrow"}, "expires_at"),
    ({"expires_at": "2030-02-31"}, "expires_at"),
    ({"expires_at": "20300131"}, "expires_at"),
    ({"expires_at": "2026-11-23"}, "expired already"),
    ({"expires_at": "0001-01-01"}, "expired already"),
]


@pytest.mark.parametrize(("change", "named"), WRONG)
@pytest.mark.parametrize("kind", KINDS)
def test_wrong_parameters_are_named(
    world: World, kind: str, change: dict[str, Any], named: str
) -> None:
    parameters = {**KINDS[kind], **change}
    assert named in send(world, "POST", f"{PROJECT}/{kind}", "olga", 400, **parameters)
    assert world.count(Token) == 1
    assert changes(world) == []


@pytest.mark.parametrize(
    ("kind", "change", "named"),
    [
        ("access_tokens", {"access_level": 35}, "access_level"),
        ("access_tokens", {"access_level": "Owner"}, "access_level"),
        ("access_tokens", {"access_level": True}, "access_level"),
        ("access_tokens", {"scopes": ["read_package_registry"]}, "scopes"),
        ("access_tokens", {"description": 1}, "description"),
        ("access_tokens", {"description": "x" * 1001}, "description"),
        ("access_tokens", {"expires_at": "2030-12-31T12:00:00Z"}, "expires_at"),
        ("deploy_tokens", {"scopes": ["api"]}, "scopes"),
        ("deploy_tokens", {"username": "a:b"}, "user name"),
        ("deploy_tokens", {"username": "gitlab-ci-token"}, "user name"),
        ("deploy_tokens", {"username": 1}, "username"),
        ("deploy_tokens", {"expires_at": "2030-12-31T25:00:00Z"}, "expires_at"),
        ("deploy_tokens", {"expires_at": "0001-01-01T00:00:00+14:00"}, "expires_at"),
        ("deploy_tokens", {"expires_at": "2026-11-23T12:00:00"}, "expired already"),
    ],
)
def test_wrong_parameters_of_one_kind(
    world: World, kind: str, change: dict[str, Any], named: str
) -> None:
    parameters = {**KINDS[kind], **change}
    assert named in send(world, "POST", f"{PROJECT}/{kind}", "olga", 400, **parameters)
    assert world.count(Token) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_lists(world: World, kind: str) -> None:
    address = f"{PROJECT}/{kind}"
    ids = [
        send(world, "POST", address, "mia", 201, **{**KINDS[kind], "name": name})["id"]
        for name in ("a", "b", "c")
    ]
    send(world, "POST", f"{GROUP}/{kind}", "olga", 201, **KINDS[kind])
    send(world, "DELETE", f"{address}/{ids[1]}", "mia", 204)
    headers = world.as_("mia")

    def listed(query: str) -> list[int]:
        return [token["id"] for token in read(world, f"{address}?{query}", headers)]

    assert listed("") == ids
    assert listed("state=active") == [ids[0], ids[2]]
    assert listed("state=inactive") == [ids[1]]
    assert listed("active=true") == [ids[0], ids[2]]
    assert listed("active=false") == ids
    assert listed("per_page=2&page=2") == [ids[2]]
    for nonsense in ("state=all", "state=", "page=0", "per_page=0", "state=%00", "state=%FF"):
        world.app.get(f"{address}?{nonsense}", headers=headers, status=400)


@pytest.mark.parametrize("kind", KINDS)
def test_tokens_are_chosen(world: World, kind: str) -> None:
    address, headers = f"{PROJECT}/{kind}", world.as_("mia")
    ids = []
    for name, end in (("Nightly", None), ("night_shift", "2027-01-31"), ("day", "2028-01-31")):
        parameters = {**KINDS[kind], "name": name, "expires_at": end}
        ids.append(send(world, "POST", address, headers, 201, **parameters)["id"])
        world.clock.advance(hours=1)
    first, second, third = ids
    send(world, "DELETE", f"{address}/{second}", headers, 204)
    with world.components.database.writing() as session:
        session.get_one(Token, third).last_used_at = world.clock()

    def listed(query: str) -> list[int]:
        return [token["id"] for token in read(world, f"{address}?{query}", headers)]

    assert listed("search=NIGHT") == [first, second]
    assert listed("search=_") == [second]
    assert listed("search=%25") == []
    assert listed("search=") == ids
    assert listed("revoked=true") == [second]
    assert listed("revoked=false") == [first, third]
    assert listed("revoked=false&search=night") == [first]
    assert listed("created_after=2026-11-23T13:00:00Z") == [second, third]
    assert listed("created_before=2026-11-23T14:00:00%2B01:00") == [first]
    assert listed("created_after=2026-11-23T13:00:00Z&created_before=2026-11-23T14:00:00Z") == [
        second
    ]
    assert listed("expires_after=2027-06-01") == [third]
    assert listed("expires_before=2027-06-01") == [second]
    assert listed("last_used_after=2026-11-23") == [third]
    assert listed("last_used_before=2026-11-23") == []
    assert listed("created_after=") == ids
    periods = [f"{what}_{end}" for what in ("created", "expires", "last_used") for end in BOUNDS]
    for name in (*periods, "revoked"):
        response = world.app.get(f"{address}?{name}=soon", headers=headers, status=400)
        assert name in sentence_of(response)
    world.app.get(f"{address}?search=%00", headers=headers, status=400)


def test_what_has_expired_is_not_active(world: World) -> None:
    end = {"expires_at": "2026-11-24"}
    for kind, parameters in KINDS.items():
        send(world, "POST", f"{PROJECT}/{kind}", "mia", 201, **parameters, **end)
    # As in GitLab: not on that day any more.
    world.clock.advance(hours=12)
    (token,) = read(world, f"{PROJECT}/access_tokens?state=inactive", "mia")
    assert (token["active"], token["revoked"], token["expires_at"]) == (False, False, "2026-11-24")
    (token,) = read(world, f"{PROJECT}/deploy_tokens?state=inactive", "mia")
    assert (token["expired"], token["revoked"]) == (True, False)
    for kind in KINDS:
        one = read(world, f"{PROJECT}/{kind}", "mia")[0]["id"]
        said = send(world, "POST", f"{PROJECT}/{kind}/{one}/rotate", "mia", 400)
        assert said == "The token has expired and cannot be rotated: create a new one."


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("token", ["999", "x", "9" * 30, "%D9%A3", "-1"])
def test_no_such_token(world: World, kind: str, token: str) -> None:
    address = f"{PROJECT}/{kind}/{token}"
    assert send(world, "GET", address, "mia", 404) == NOT_FOUND
    assert send(world, "DELETE", address, "mia", 404) == NOT_FOUND
    assert send(world, "POST", f"{address}/rotate", "mia", 404) == NOT_FOUND
    world.app.get(f"{address}/rotated", headers=world.as_("mia"), status=404)


@pytest.mark.parametrize("kind", KINDS)
def test_tokens_of_elsewhere_are_not_there(world: World, kind: str) -> None:
    world.project("acme/other")
    elsewhere = [
        world.access_token("acme/other", Role.GUEST),
        world.access_token("acme", Role.GUEST),
        world.deploy_token("acme/other"),
        world.deploy_token("acme"),
        world.job_token("acme/core"),
        world.token("olga"),
        world.deploy_token("acme/core")
        if kind == "access_tokens"
        else world.access_token("acme/core", Role.GUEST),
    ]
    for secret in elsewhere:
        address = f"{PROJECT}/{kind}/{token_id(world, secret)}"
        assert send(world, "GET", address, "olga", 404) == NOT_FOUND
        assert send(world, "DELETE", address, "olga", 404) == NOT_FOUND
        assert send(world, "POST", f"{address}/rotate", "olga", 404) == NOT_FOUND
        assert token_row(world, secret).revoked_at is None


@pytest.mark.parametrize("kind", KINDS)
def test_who_may_not_see_it_learns_nothing(world: World, kind: str) -> None:
    world.user("stranger")
    one = send(world, "POST", f"{PROJECT}/{kind}", "mia", 201, **KINDS[kind])["id"]
    for end in ("", f"/{one}", "/999", f"/{one}/rotate", "/self/rotate"):
        method = "POST" if end.endswith("rotate") else "GET"
        address = f"{PROJECT}/{kind}{end}"
        there = world.app.request(address, method=method, headers=world.as_("stranger"), status=404)
        missing = address.replace("core", "cork")
        not_there = world.app.request(
            missing, method=method, headers=world.as_("stranger"), status=404
        )
        assert there.body == not_there.body
        world.app.request(address, method=method, status=401)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("role", [Role.GUEST, Role.REPORTER, Role.DEVELOPER])
def test_lower_roles_learn_nothing_either(world: World, kind: str, role: Role) -> None:
    world.member("acme/core", "low", role)
    one = send(world, "POST", f"{PROJECT}/{kind}", "mia", 201, **KINDS[kind])["id"]
    said = {send(world, "GET", f"{PROJECT}/{kind}/{number}", "low", 403) for number in (one, 999)}
    assert len(said) == 1
    send(world, "GET", f"{PROJECT}/{kind}", "low", 403)
    send(world, "POST", f"{PROJECT}/{kind}", "low", 403, **KINDS[kind])
    send(world, "DELETE", f"{PROJECT}/{kind}/{one}", "low", 403)
    send(world, "POST", f"{PROJECT}/{kind}/{one}/rotate", "low", 403)


@pytest.mark.parametrize("kind", KINDS)
def test_only_people_make_lasting_credentials(world: World, kind: str) -> None:
    bot = basic(world.access_token("acme", Role.OWNER))
    address, one = f"{PROJECT}/{kind}", world.access_token("acme/core", Role.GUEST)
    said = send(world, "POST", address, bot, 403, **KINDS[kind])
    assert said == "A group access token cannot do this."
    read(world, address, bot)
    for end in ("", f"/{token_id(world, one)}"):
        for secret in (world.deploy_token("acme"), world.job_token("acme/core")):
            send(world, "GET", address + end, basic(secret), 403)
    send(world, "POST", f"{address}/{token_id(world, one)}/rotate", bot, 403)
    reader = world.as_("olga", Scope.READ_API)
    assert "scope read_api" in send(world, "POST", address, reader, 403, **KINDS[kind])


def test_a_browser_makes_them_only_from_our_own_pages(world: World) -> None:
    app = signed_in_app(world, "ben")
    world.member("acme/core", "ben", Role.MAINTAINER)
    app.get(f"{PROJECT}/access_tokens", status=200)
    form = {"name": "ci", "scopes": "api"}
    response = app.post(f"{PROJECT}/access_tokens", form, status=400)
    assert "came from another site" in sentence_of(response)
    page = browser(world, "ben").get("/", headers={"Accept": "text/html"})
    assert page.status_int == 200
    assert world.count(Token) == 0


def test_roles_above_ones_own(world: World) -> None:
    said = send(world, "POST", f"{PROJECT}/access_tokens", "mia", 403, **ACCESS, access_level=50)
    assert said == "You are Maintainer here: a token cannot have a role above that."
    owner = send(world, "POST", f"{PROJECT}/access_tokens", "olga", 201, **ACCESS, access_level=50)
    address = f"{PROJECT}/access_tokens/{owner['id']}"
    sentence = "The token has the role Owner here: only who has that, too, may change it."
    assert send(world, "DELETE", address, "mia", 403) == sentence
    assert send(world, "POST", f"{address}/rotate", "mia", 403) == sentence
    world.user("root", is_admin=True)
    send(world, "POST", f"{address}/rotate", "root", 200)


@pytest.mark.parametrize("place", PLACES)
def test_a_token_rotates_itself(world: World, place: str) -> None:
    path, address = PLACES[place]
    secret = world.access_token(path, Role.GUEST)
    rotated = send(world, "POST", f"{address}/access_tokens/self/rotate", basic(secret), 200)
    assert rotated["access_level"] == 10
    send(world, "POST", f"{address}/access_tokens/self/rotate", basic(secret), 401)
    send(world, "POST", f"{address}/access_tokens/self/rotate", basic(rotated["token"]), 200)
    action, actor, where, details = changes(world)[0]
    assert (action, actor, where) == ("token.rotated", details["username"], path)


def test_who_is_no_token_of_here_rotates_nothing(world: World) -> None:
    address = f"{PROJECT}/access_tokens/self/rotate"
    group_token = basic(world.access_token("acme", Role.OWNER))
    send(world, "POST", address, group_token, 403)
    assert "send that" in send(world, "POST", address, "mia", 400)
    reading = basic(world.access_token("acme/core", Role.OWNER, Scope.READ_API))
    assert "needs one with the scope api" in send(world, "POST", address, reading, 403)
    for secret in (world.deploy_token("acme/core"), world.job_token("acme/core")):
        send(world, "POST", address, basic(secret), 403)
    world.app.get(f"{PROJECT}/access_tokens/self", headers=group_token, status=404)
    assert changes(world) == []


def test_all_deploy_tokens_are_for_administrators(world: World) -> None:
    world.user("root", is_admin=True)
    ids = [token_id(world, world.deploy_token(path)) for path in ("acme", "acme/core")]
    assert [token["id"] for token in read(world, "/api/v4/deploy_tokens", "root")] == ids
    assert read(world, "/api/v4/deploy_tokens?state=inactive", "root") == []
    world.app.get("/api/v4/deploy_tokens", status=401)
    world.app.get("/api/v4/deploy_tokens", headers=world.as_("olga"), status=403)
    world.app.get(f"/api/v4/deploy_tokens/{ids[0]}", headers=world.as_("root"), status=404)


def test_the_settings_hold_everywhere(world: World, application: tuple[object, Any]) -> None:
    old = send(world, "POST", f"{PROJECT}/deploy_tokens", "mia", 201, **DEPLOY)["id"]
    with_settings(world, application[1], tokens_max_lifetime=timedelta(days=30))
    for kind, parameters in KINDS.items():
        for end in ({}, {"expires_at": "2027-11-23"}):
            said = send(world, "POST", f"{PROJECT}/{kind}", "mia", 400, **parameters, **end)
            assert said == "A token may be valid for 30 days here: let it expire earlier."
    address = f"{PROJECT}/deploy_tokens/{old}/rotate"
    send(world, "POST", address, "mia", 400, expires_at="2027-11-23")
    rotated = send(world, "POST", address, "mia", 200)
    assert rotated["expires_at"] == "2026-12-23T12:00:00.000Z"


def test_the_words_are_no_names_of_projects_here(world: World) -> None:
    headers = world.as_("olga")
    for word in KINDS:
        world.app.get(f"/api/v4/projects/acme%2F{word}", headers=headers, status=404)
        world.app.get(f"/api/v4/projects/{word}", headers=headers, status=404)
        world.app.patch(f"{PROJECT}/{word}", headers=headers, status=405)


def test_only_rows_and_digests_are_stored(world: World) -> None:
    send(world, "POST", f"{PROJECT}/deploy_tokens", "mia", 201, **DEPLOY)
    with world.components.database.reading() as session:
        token = session.scalars(select(Token).order_by(Token.id.desc())).first()
    assert token is not None
    assert len(token.digest) == 32
