"""The trusted publishers of a project, in the JSON API."""

from typing import Any

import pytest

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.errors import NotAllowed
from pyregistry.namespaces.services.create import find
from pyregistry.trusted_publishing.models import TrustedPublisher
from pyregistry.trusted_publishing.services.publishers import (
    NewPublisher,
    add_publisher,
    remove_publisher,
)
from tests.factories.distributions import wheel
from tests.factories.members import granter
from tests.factories.world import World, basic
from tests.functional.oidc.support import Trusting, events, job_tokens, maintainer, send
from tests.functional.support import PROJECT, sentence_of

pytestmark = pytest.mark.thorough

ADDRESS = "/api/v4/projects/acme%2Fcore/trusted_publishers"
CLAIMS = {"project_id": "42", "ref_protected": "true", "ref": ["main", "v1"]}


def wanted(trusting: Trusting, **more: Any) -> dict[str, Any]:
    return {"name": "release", "issuer": trusting.issuer.address, "claims": CLAIMS, **more}


def refused(trusting: Trusting, status: int = 400, **parameters: Any) -> str:
    """Check that nothing comes of it; the sentence."""
    headers = maintainer(trusting.world)
    before = trusting.world.count(TrustedPublisher)
    response = send(
        trusting.world, "POST", ADDRESS, headers, status, wanted(trusting, **parameters)
    )
    assert trusting.world.count(TrustedPublisher) == before
    assert events(trusting.world, "trusted_publisher.added") == []
    return sentence_of(response)


def test_one_comes_and_goes(trusting: Trusting) -> None:
    world, headers = trusting.world, maintainer(trusting.world)
    added = send(world, "POST", ADDRESS, headers, 201, wanted(trusting)).json
    assert added == {
        "id": added["id"],
        "name": "release",
        "issuer": trusting.issuer.address,
        "claims": CLAIMS,
        "created_at": "2026-11-23T12:00:00.000Z",
    }
    assert world.app.get(f"{ADDRESS}/{added['id']}", headers=headers).json == added
    listed = world.app.get(ADDRESS, headers=headers)
    assert [each["name"] for each in listed.json] == ["ci", "release"]
    assert listed.headers["Cache-Control"] == "private, no-cache"
    trusting.mint(trusting.token(project_path="acme/moved"))
    send(world, "DELETE", f"{ADDRESS}/{added['id']}", headers, 204)
    send(world, "GET", f"{ADDRESS}/{added['id']}", headers, 404)
    send(world, "DELETE", f"{ADDRESS}/{added['id']}", headers, 404)
    assert trusting.refused(trusting.token(project_path="acme/moved"))[0] == "invalid-publisher"


def test_each_change_is_an_event(trusting: Trusting) -> None:
    world, headers = trusting.world, maintainer(trusting.world)
    added = send(world, "POST", ADDRESS, headers, 201, wanted(trusting)).json
    send(world, "DELETE", f"{ADDRESS}/{added['id']}", headers, 204)
    described = {"issuer": trusting.issuer.address, "claims": CLAIMS}
    found = events(world, "trusted_publisher.added", "trusted_publisher.removed")
    assert [(event.action, event.actor_name, event.namespace_path) for event in found] == [
        ("trusted_publisher.added", "maintainer-0", PROJECT),
        ("trusted_publisher.removed", "maintainer-0", PROJECT),
    ]
    common = {"trusted_publisher_id": added["id"], "name": "release"}
    assert [event.details for event in found] == [
        {**common, "before": None, "after": described},
        {**common, "before": described, "after": None},
    ]


def test_pages(trusting: Trusting) -> None:
    for number in range(3):
        trusting.publisher(name=f"p{number}")
    headers = maintainer(trusting.world)
    page = trusting.app.get(f"{ADDRESS}?per_page=2&page=2", headers=headers).json
    assert [each["name"] for each in page] == ["p1", "p2"]
    trusting.app.get(f"{ADDRESS}?per_page=0", headers=headers, status=400)


def test_removing_one_revokes_what_it_let_in(trusting: Trusting) -> None:
    world, headers = trusting.world, maintainer(trusting.world)
    other = trusting.publisher(name="other", project_path="acme/second")
    kept = trusting.mint(trusting.token(project_path="acme/second"))["token"]
    gone = [trusting.mint(trusting.token())["token"] for _ in range(2)]
    (first,) = [
        each["id"] for each in world.app.get(ADDRESS, headers=headers).json if each["id"] != other
    ]
    send(world, "DELETE", f"{ADDRESS}/{first}", headers, 204)
    for secret in gone:
        world.upload(PROJECT, wheel(), basic(secret), status=401)
    world.upload(PROJECT, wheel(), basic(kept))
    revoked = events(world, "token.revoked")
    assert [(event.actor_name, event.details["name"]) for event in revoked] == [
        ("maintainer-0", "job 11")
    ] * 2
    assert len(job_tokens(world)) == 3


def test_claims_that_let_everybody_in(trusting: Trusting) -> None:
    for claims in (None, {}, [], {"ref": "main"}, {"project_path": None}, {"iss": "x"}):
        assert "claim" in refused(trusting, claims=claims)


def test_what_is_no_name(trusting: Trusting) -> None:
    for name in ("", " ", "x" * 256, "a\nb", "a\x00", "\ud800", 1, None, ["a"]):
        assert "name" in refused(trusting, name=name)


def test_claims_need_json(trusting: Trusting) -> None:
    form = {"name": "ci2", "issuer": trusting.issuer.address, "claims": '{"sub": "x"}'}
    headers = maintainer(trusting.world)
    response = trusting.app.post(ADDRESS, form, headers=headers, status=400)
    assert "JSON" in sentence_of(response)


def test_the_issuer_must_be_one_that_is_trusted(trusting: Trusting) -> None:
    for issuer in ("https://other.example", trusting.issuer.address + "/", "", None, 1):
        assert "issuer" in refused(trusting, issuer=issuer)
    assert trusting.issuer.address in refused(trusting, issuer="https://other.example")


def test_without_an_issuer(world: World) -> None:
    world.project(PROJECT)
    body = {"name": "ci", "issuer": "https://gitlab.example.org", "claims": CLAIMS}
    response = send(world, "POST", ADDRESS, maintainer(world), 400, body)
    assert "pyregistry.oidc.issuers" in sentence_of(response)


def test_a_name_that_is_taken(trusting: Trusting) -> None:
    assert "already exists" in refused(trusting, 409, name=" ci ")
    trusting.world.project("acme/other")
    address = ADDRESS.replace("core", "other")
    headers = maintainer(trusting.world, "acme/other")
    send(trusting.world, "POST", address, headers, 201, wanted(trusting, name="ci"))


def test_a_hundred_are_enough(trusting: Trusting) -> None:
    for number in range(99):
        trusting.publisher(name=f"p{number}")
    assert "100" in refused(trusting, 409)


def test_one_of_another_project(trusting: Trusting) -> None:
    trusting.world.project("acme/other")
    foreign = trusting.publisher("acme/other", name="theirs")
    headers = maintainer(trusting.world)
    for end in (str(foreign), "999999", "999999999999999999999", "x", "-1", "%D9%A3"):
        answers = [
            send(trusting.world, method, f"{ADDRESS}/{end}", headers, 404)
            for method in ("GET", "DELETE")
        ]
        assert len({sentence_of(answer) for answer in answers}) == 1
    assert trusting.world.count(TrustedPublisher) == 2


class TestWho:
    @pytest.mark.parametrize("role", list(Role))
    def test_from_maintainer_on(self, trusting: Trusting, role: Role) -> None:
        trusting.world.member(PROJECT, "ann", role)
        may = role >= Role.MAINTAINER
        headers = trusting.world.as_("ann")
        trusting.app.get(ADDRESS, headers=headers, status=200 if may else 403)
        response = send(
            trusting.world, "POST", ADDRESS, headers, 201 if may else 403, wanted(trusting)
        )
        end = response.json["id"] if may else 1
        send(trusting.world, "DELETE", f"{ADDRESS}/{end}", headers, 204 if may else 403)

    def test_nobody_learns_what_there_is(self, trusting: Trusting) -> None:
        known = trusting.publisher(name="known")
        trusting.world.member(PROJECT, "ann", Role.DEVELOPER)
        for headers, status in (
            ({}, 401),
            (trusting.world.as_("stranger"), 404),
            (trusting.world.as_("ann"), 403),
        ):
            answers = {
                trusting.app.get(f"{ADDRESS}/{end}", headers=headers, status=status).body
                for end in (known, 999999)
            }
            assert len(answers) == 1

    def test_a_token_that_only_reads(self, trusting: Trusting) -> None:
        trusting.world.member(PROJECT, "ann", Role.OWNER)
        self.reads_only(trusting, trusting.world.as_("ann", Scope.READ_API))

    def test_bots_only_read(self, trusting: Trusting) -> None:
        """What a bot's token made would outlive it."""
        self.reads_only(trusting, basic(trusting.world.access_token(PROJECT, Role.OWNER)))

    def reads_only(self, trusting: Trusting, headers: dict[str, str]) -> None:
        (known,) = trusting.app.get(ADDRESS, headers=headers).json
        trusting.app.get(f"{ADDRESS}/{known['id']}", headers=headers, status=200)
        send(trusting.world, "POST", ADDRESS, headers, 403, wanted(trusting))
        send(trusting.world, "DELETE", f"{ADDRESS}/{known['id']}", headers, 403)
        assert trusting.world.count(TrustedPublisher) == 1

    def test_the_role_is_asked_again_when_it_counts(self, trusting: Trusting) -> None:
        """It may have been taken away since the request began."""
        trusting.world.member(PROJECT, "ann", Role.DEVELOPER)
        ann = granter(trusting.world, "ann")
        database, now = trusting.world.components.database, trusting.world.clock()
        asked = NewPublisher("release", trusting.issuer.address, CLAIMS)
        issuers = [trusting.issuer.address]
        with database.writing() as session:
            project = find(session, PROJECT).id
            with pytest.raises(NotAllowed, match="Maintainer"):
                add_publisher(session, project, asked, issuers, ann, now)
            with pytest.raises(NotAllowed, match="Maintainer"):
                remove_publisher(session, project, 1, ann, now)
        assert trusting.world.count(TrustedPublisher) == 1

    def test_groups_have_none(self, trusting: Trusting) -> None:
        trusting.world.member("acme", "ann", Role.OWNER)
        address = "/api/v4/groups/acme/trusted_publishers"
        trusting.app.get(address, headers=trusting.world.as_("ann"), status=404)
