"""Replayed ID tokens, one after the other and at once: each has one winner."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from webtest import TestApp

from pyregistry.tokens.models import Token
from pyregistry.trusted_publishing.models import UsedIDToken
from tests.functional.oidc.support import (
    BURN,
    MINT,
    Trusting,
    builds,
    events,
    exchanged,
    job_tokens,
    maintainer,
)
from tests.functional.test_concurrency import THREADS, at_once

pytestmark = pytest.mark.thorough


class TestAgain:
    """Each ID token is good for one exchange."""

    def test_a_minute_later(self, trusting: Trusting) -> None:
        token = trusting.token()
        trusting.mint(token)
        code, sentence = trusting.refused(token)
        assert code == "invalid-reuse-token"
        assert "before" in sentence

    def test_until_it_has_expired(self, trusting: Trusting) -> None:
        token = trusting.token()
        trusting.mint(token)
        trusting.world.clock.advance(minutes=60, seconds=29)
        assert trusting.refused(token)[0] == "invalid-reuse-token"
        trusting.world.clock.advance(seconds=1)
        assert trusting.refused(token)[0] == "invalid-token"

    def test_the_same_jti_with_other_claims(self, trusting: Trusting) -> None:
        trusting.mint(trusting.token(jti="one"))
        assert trusting.refused(trusting.token(jti="one", ref="v1"))[0] == "invalid-reuse-token"
        trusting.mint(trusting.token(jti="two"))

    def test_after_the_job_token_was_burnt(self, trusting: Trusting) -> None:
        token = trusting.token()
        secret = trusting.mint(token)["token"]
        exchanged(trusting.app, BURN, {"token": secret}, 200)
        assert trusting.refused(token)[0] == "invalid-reuse-token"

    def test_a_refused_token_is_not_used_up(self, trusting: Trusting) -> None:
        token = trusting.token(project_path="acme/later")
        assert trusting.refused(token)[0] == "invalid-publisher"
        trusting.publisher(name="later", project_path="acme/later")
        trusting.mint(token)


def minter(trusting: Trusting, token: str) -> Callable[[], tuple[int, str]]:
    """A client of its own that exchanges an ID token: the status, and the code of a refusal."""
    app = TestApp(trusting.app.app, extra_environ={"REMOTE_ADDR": "192.0.2.7"})

    def mint() -> tuple[int, str]:
        response = app.post_json(MINT, {"token": token}, status="*")
        errors = response.json.get("errors", [{"code": ""}])
        return response.status_int, errors[0]["code"]

    return mint


def test_one_token_has_one_winner(trusting: Trusting) -> None:
    token = trusting.token()
    answers = at_once([minter(trusting, token) for _ in range(THREADS)])
    refusals = [(422, "invalid-reuse-token")] * (THREADS - 1)
    assert sorted(answers) == [(200, ""), *refusals]
    assert len(job_tokens(trusting.world)) == len(builds(trusting.world)) == 1
    assert len(events(trusting.world, "token.created")) == 1


def test_many_tokens_all_win(trusting: Trusting) -> None:
    # Some that have expired are there to be forgotten, by all of them at once.
    for number in range(20):
        trusting.mint(trusting.token(jti=f"old-{number}", exp=trusting.world.clock().timestamp()))
    trusting.world.clock.advance(hours=1)
    tokens = [trusting.token() for _ in range(THREADS)]
    answers = at_once([minter(trusting, token) for token in tokens])
    assert answers == [(200, "")] * THREADS
    assert trusting.world.count(UsedIDToken) == THREADS


def test_the_keys_are_fetched_once(trusting: Trusting) -> None:
    at_once([minter(trusting, trusting.token()) for _ in range(THREADS)])
    assert len(trusting.issuer.asked) == 2


@pytest.mark.parametrize("_attempt", range(3))
def test_a_publisher_that_is_removed_meanwhile(trusting: Trusting, _attempt: int) -> None:
    """Either the job came too late, or its token is revoked: never is one left that works."""
    headers = maintainer(trusting.world)
    publisher = trusting.publisher(name="second", project_path="acme/second")
    address = f"/api/v4/projects/acme%2Fcore/trusted_publishers/{publisher}"
    app = TestApp(trusting.app.app, extra_environ={"REMOTE_ADDR": "192.0.2.7"})
    tokens = [trusting.token(project_path="acme/second") for _ in range(THREADS)]
    answers = at_once(
        [
            *(minter(trusting, token) for token in tokens),
            lambda: app.delete(address, headers=headers).status_int,
        ]
    )
    assert answers[-1] == 204
    assert set(answers[:-1]) <= {(200, ""), (422, "invalid-publisher")}
    with trusting.world.components.database.reading() as session:
        left = select(Token.id).where(Token.kind == "job_token", Token.revoked_at.is_(None))
        assert session.scalars(left).all() == []
