"""An ID token becomes a job token, with the build that its claims describe."""

import json
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from pyramid.registry import Registry
from pyramid.request import Request
from webtest import TestRequest

from pyregistry.authnz.roles import Role
from pyregistry.events.models import Event
from pyregistry.http.parameters import MAXIMUM_BODY
from pyregistry.transactions import within_transaction
from pyregistry.trusted_publishing.models import UsedIDToken
from pyregistry.trusted_publishing.signatures import ALGORITHMS
from tests.factories.certificates import Certificates
from tests.factories.distributions import wheel
from tests.factories.issuer import key_of
from tests.factories.world import World, basic
from tests.functional.oidc.support import (
    AUDIENCE,
    BURN,
    MINT,
    Trusting,
    builds,
    events,
    exchanged,
    job_tokens,
    maintainer,
    refusal_of,
    trust,
)
from tests.functional.support import PROJECT, from_address

pytestmark = pytest.mark.thorough


def test_the_audience_is_told_to_everybody(trusting: Trusting) -> None:
    response = trusting.app.get(AUDIENCE)
    assert response.json == {"audience": "pyregistry"}
    assert response.headers["Cache-Control"] == "no-cache"


def test_a_job_publishes(trusting: Trusting) -> None:
    answer = trusting.mint(trusting.token())
    assert answer.keys() == {"success", "token", "expires"}
    assert answer["success"] is True
    assert answer["token"].startswith("pyrjob_")
    in_15_minutes = trusting.world.clock() + timedelta(minutes=15)
    assert answer["expires"] == in_15_minutes.timestamp()
    trusting.world.upload(PROJECT, wheel(), basic(answer["token"]))
    trusting.world.clock.advance(minutes=15)
    trusting.world.upload(PROJECT, wheel(version="2.0"), basic(answer["token"]), status=401)


def test_the_answer_is_kept_by_nobody(trusting: Trusting) -> None:
    response = exchanged(trusting.app, MINT, {"token": trusting.token()}, 200)
    assert response.headers["Cache-Control"] == "no-store"


def test_a_user_agent_that_no_database_takes(trusting: Trusting) -> None:
    body = json.dumps({"token": trusting.token()}).encode()
    trusting.app.post(MINT, body, headers={"User-Agent": "a\0" * 1000}, status=200)
    assert trusting.world.events()[-1].user_agent == "a" * 255


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_the_type_of_the_body_does_not_count(trusting: Trusting, content_type: str) -> None:
    body = json.dumps({"token": trusting.token()}).encode()
    trusting.app.post(MINT, body, headers={"Content-Type": content_type}, status=200)


def test_the_job_token_is_good_for_its_project_alone(trusting: Trusting) -> None:
    trusting.world.project("acme/other")
    headers = trusting.upload_headers()
    trusting.world.upload(PROJECT, wheel(), headers)
    trusting.world.upload("acme/other", wheel(), headers, status=404)
    trusting.app.get("/acme/core/-/simple/demo-package/", headers=headers, status=200)
    address = "/api/v4/projects/acme%2Fcore/trusted_publishers"
    trusting.app.get(address, headers=headers, status=403)


def test_the_build_is_what_the_claims_say(trusting: Trusting) -> None:
    trusting.mint(trusting.token())
    (build,), server = builds(trusting.world), trusting.issuer.address
    assert {
        "pipeline_id": build.pipeline_id,
        "pipeline_url": build.pipeline_url,
        "job_id": build.job_id,
        "ref": build.ref,
        "sha": build.sha,
        "started_by": build.started_by,
        "source_repository": build.source_repository,
        "issuer": build.issuer,
    } == {
        "pipeline_id": "7",
        "pipeline_url": f"{server}/acme/core/-/pipelines/7",
        "job_id": "11",
        "ref": "main",
        "sha": "c0ffee" + "0" * 34,
        "started_by": "ada",
        "source_repository": f"{server}/acme/core",
        "issuer": server,
    }
    assert build.claims is not None
    assert build.claims["ref_protected"] == "true"
    assert build.claims.keys().isdisjoint({"iss", "aud", "exp", "nbf", "iat", "jti", "user_email"})
    (token,) = job_tokens(trusting.world)
    assert (token.build_id, token.name, token.username) == (build.id, "job 11", "ada")


def test_the_event_says_who_let_whom_in(trusting: Trusting) -> None:
    id_token = trusting.token()
    secret = trusting.mint(id_token)["token"]
    (event,) = events(trusting.world, "token.created")
    (token,) = job_tokens(trusting.world)
    assert (event.actor_name, event.credential_kind, event.credential_name, event.address) == (
        "ada",
        "trusted_publisher",
        "ci",
        "192.0.2.7",
    )
    assert event.namespace_path == PROJECT
    assert event.details == {
        "kind": "job_token",
        "name": "job 11",
        "scopes": ["read_package_registry", "write_package_registry"],
        "before": None,
        "after": {"token_id": token.id, "expires_at": "2026-11-23T12:15:00+00:00"},
        "build": {
            "pipeline_id": "7",
            "pipeline_url": f"{trusting.issuer.address}/acme/core/-/pipelines/7",
            "job_id": "11",
            "ref": "main",
            "sha": "c0ffee" + "0" * 34,
            "started_by": "ada",
            "source_repository": f"{trusting.issuer.address}/acme/core",
        },
        "issuer": trusting.issuer.address,
    }
    told = repr([event.details, event.actor_name])
    assert secret not in told
    assert id_token not in told


@pytest.mark.parametrize("algorithm", sorted(ALGORITHMS))
def test_every_algorithm(trusting: Trusting, algorithm: str) -> None:
    trusting.issuer.keys = [trusting.issuer.public(key_of(algorithm), alg=algorithm)]
    trusting.mint(trusting.issuer.id_token(trusting.claims(), algorithm=algorithm))


def test_the_file_shows_the_build_as_verified(trusting: Trusting) -> None:
    trusting.world.upload(PROJECT, wheel(), trusting.upload_headers())
    headers = maintainer(trusting.world)
    (release,) = trusting.app.get("/api/v4/projects/acme%2Fcore/packages", headers=headers).json
    pipeline = release["pipeline"]
    assert (pipeline["id"], pipeline["verified"], pipeline["issuer"]) == (
        7,
        True,
        trusting.issuer.address,
    )
    assert pipeline["web_url"] == f"{trusting.issuer.address}/acme/core/-/pipelines/7"


def test_it_runs_outside_of_the_transaction_of_the_request() -> None:
    """SQLite's only write lock must not be held while an issuer is asked for its keys."""
    for address in (MINT, BURN, f"{MINT}/"):
        assert not within_transaction(Request.blank(address, method="POST"))


def test_odd_claims_are_no_hindrance(trusting: Trusting) -> None:
    odd: dict[str, Any] = {
        "sha": "not a commit",
        "ref": "x" * 300,
        "user_login": "a\x00b",
        "pipeline_id": True,
        "job_id": 11,
        "custom": "\x00\ud800",
        "list": [{"deep": [1.5, None]}],
        "\x00": 1,
    }
    trusting.mint(trusting.token(**odd))
    (build,) = builds(trusting.world)
    assert (build.sha, build.ref, build.started_by, build.pipeline_id) == (None,) * 4
    assert build.job_id == "11"
    assert build.claims is not None
    assert build.claims["custom"] == "\x00\ud800"


def test_used_tokens_are_forgotten_when_nobody_takes_them_any_more(trusting: Trusting) -> None:
    now = trusting.world.clock().timestamp()
    for seconds in (60, 3600):
        trusting.mint(trusting.token(exp=now + seconds))
    trusting.world.clock.advance(minutes=10)
    trusting.mint(trusting.token())
    assert trusting.world.count(UsedIDToken) == 2


class TestBurning:
    """uv gives the job token back when it is done."""

    def burn(self, trusting: Trusting, token: object, status: int = 200) -> Any:
        return exchanged(trusting.app, BURN, {"token": token}, status)

    def test_it_is_revoked_at_once(self, trusting: Trusting) -> None:
        secret = trusting.mint(trusting.token())["token"]
        assert self.burn(trusting, secret).json == {"success": True}
        trusting.world.upload(PROJECT, wheel(), basic(secret), status=401)
        (event,) = events(trusting.world, "token.revoked")
        assert (event.actor_name, event.credential_kind, event.credential_name) == (
            "ada",
            "job_token",
            "job 11",
        )
        assert event.namespace_path == PROJECT
        assert secret not in repr(event.details)

    def test_nobody_learns_what_it_was(self, trusting: Trusting) -> None:
        secret = trusting.mint(trusting.token())["token"]
        answers = [self.burn(trusting, secret) for _ in range(2)]
        old = trusting.mint(trusting.token())["token"]
        trusting.world.clock.advance(hours=1)
        answers += [
            self.burn(trusting, text) for text in (old, "pyrjob_x", "", "pyrjob_" + "A" * 49)
        ]
        assert len({(answer.status, answer.body) for answer in answers}) == 1
        assert len(events(trusting.world, "token.revoked")) == 1

    def test_other_tokens_stay(self, trusting: Trusting) -> None:
        trusting.world.member(PROJECT, "ann", Role.DEVELOPER)
        tomorrow = trusting.world.clock() + timedelta(days=1)
        secrets = [
            trusting.world.token("ann", expires_at=tomorrow),
            trusting.world.access_token(PROJECT, Role.DEVELOPER, expires_at=tomorrow),
        ]
        for number, secret in enumerate(secrets):
            self.burn(trusting, secret)
            trusting.world.upload(PROJECT, wheel(version=f"{number}.0"), basic(secret))

    def test_a_job_token_that_an_access_token_created(self, trusting: Trusting) -> None:
        secret = trusting.world.job_token(PROJECT)
        self.burn(trusting, secret)
        trusting.world.upload(PROJECT, wheel(), basic(secret), status=401)

    @pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"token": 1}', b"\xff"])
    def test_what_is_no_payload(self, trusting: Trusting, body: bytes) -> None:
        code, _ = refusal_of(trusting.app.post(BURN, body, status=422))
        assert code == "invalid-payload"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("address", [MINT, BURN])
def test_other_methods(trusting: Trusting, method: str, address: str) -> None:
    trusting.app.request(address, method=method, status=401)


@pytest.mark.parametrize("address", ["/_", "/_/", "/_/oidc", "/_/oidc/", "/_/oidc/x", "/_/x"])
def test_nothing_else_is_there(trusting: Trusting, address: str) -> None:
    trusting.app.get(address, status=401)
    trusting.app.get(address, headers=trusting.world.as_("ada"), status=404)


def test_without_an_issuer_it_is_off(world: World, application: tuple[object, Registry]) -> None:
    assert world.app.get(AUDIENCE).json == {"audience": "pyregistry"}
    code, sentence = refusal_of(exchanged(world.app, MINT, {"token": "a.b.c"}, 422))
    assert code == "not-enabled"
    assert "pyregistry.oidc.issuers" in sentence
    assert world.count(Event) == 0


def test_another_audience(
    trusting: Trusting, application: tuple[object, Registry], certificates: Certificates
) -> None:
    issuers = [trusting.issuer.address]
    trust(trusting.world, application[1], certificates, issuers, oidc__audience="acme-registry")
    assert trusting.app.get(AUDIENCE).json == {"audience": "acme-registry"}
    assert trusting.refused(trusting.token())[0] == "invalid-token"
    trusting.mint(trusting.token(aud="acme-registry"))


def test_a_failure_counts_and_a_success_does_not(trusting: Trusting, limited: Any) -> None:
    limited(token_failures_per_address="2 per day")
    for status in (422, 422, 429):
        response = exchanged(trusting.app, MINT, {"token": "nonsense"}, status)
    assert int(response.headers["Retry-After"]) > 0
    trusting.mint(trusting.token())
    other = from_address(trusting.world, "192.0.2.8")
    exchanged(other, MINT, {"token": "nonsense"}, 422)


@pytest.mark.parametrize("address", [MINT, BURN])
def test_a_body_in_chunks_is_read_no_further_than_the_limit(world: World, address: str) -> None:
    body = BytesIO(b" " * 1024**2)
    request = TestRequest.blank(address, method="POST")
    request.environ.update({"wsgi.input": body, "wsgi.input_terminated": True})
    request.environ.pop("CONTENT_LENGTH", None)
    response = world.app.do_request(request, status=422)
    assert refusal_of(response) == ("invalid-payload", "The body is larger than 65536 bytes.")
    assert body.tell() <= MAXIMUM_BODY + 1
