"""What somebody could do, and no longer can: revoked, expired, blocked, removed.

Each holds from the next request on, at every endpoint of the statement.
"""

from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pyregistry.accounts.models import BrowserSession, User
from pyregistry.authnz.roles import Role
from pyregistry.namespaces.models import Membership
from pyregistry.tokens.models import Token
from tests.factories.world import World, basic
from tests.policy.callers import EVERYBODY, TOP, Caller, standing_of
from tests.policy.conftest import Stages
from tests.policy.endpoints import ENDPOINTS
from tests.policy.reading import NOBODY, Setting
from tests.policy.shares import share, turn_of
from tests.policy.staging import Headers, Stage
from tests.policy.statement import PLACES, TAKEN_IN
from tests.policy.test_proof import check

pytestmark = pytest.mark.thorough

PRIVATE = Setting("private", "private")
MOMENT = timedelta(seconds=1)
DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
Change = Callable[[World, Session], None]


@pytest.fixture
def stage(stages: Stages) -> Stage:
    """The registry with everything private, which its other cases use, too."""
    return stages(PRIVATE)


@pytest.fixture(params=DATABASES)
def either_stage(stages: Stages, request: pytest.FixtureRequest) -> Stage:
    """The same on both databases, where these compare times."""
    return stages(PRIVATE, request.param)


def caller_named(name: str) -> Caller:
    """One of everybody."""
    return next(caller for caller in EVERYBODY if caller.name == name)


OWNER = caller_named("Owner-of-core-with-personal-access-token-api")
OWNER_ABOVE = caller_named("Owner-of-acme-with-personal-access-token-api")
IN_BROWSER = caller_named("Owner-of-core-with-browser-session")
PROJECT_BOT = caller_named("Owner-bot-with-project-access-token-api")
GROUP_BOT = caller_named("Owner-bot-with-group-access-token-api")
DEPLOYMENT = caller_named("acme-team-core-itself-with-deploy-token-read,-write")
GROUP_DEPLOYMENT = caller_named("acme-team-itself-with-deploy-token-read,-write")
JOB = caller_named("a-job-of-acme-team-core-with-job-token")
ADMINISTRATOR = caller_named("administrator-with-personal-access-token-api")

TOKENS = [OWNER, PROJECT_BOT, GROUP_BOT, DEPLOYMENT, GROUP_DEPLOYMENT, JOB]
MEMBERS = [OWNER, OWNER_ABOVE, IN_BROWSER, PROJECT_BOT, GROUP_BOT]
KINDS = {
    "personal access token": OWNER,
    "project access token": PROJECT_BOT,
    "group access token": GROUP_BOT,
    "deploy token": DEPLOYMENT,
    "job token": JOB,
}


def case_name(part: object) -> str:
    """Callers and changes have names."""
    return str(getattr(part, "name", None) or getattr(part, "__name__", part))


def newest(session: Session, model: Any) -> Any:
    """The row that was made last: a stage enrolls one caller at a time."""
    statement = select(model).order_by(model.id.desc()).limit(1)
    if model is Token:
        # Not one that the caller has made since.
        statement = statement.where(Token.minted_by_id.is_(None))
    return session.scalars(statement).one()


def change(stage: Stage, what: Change) -> None:
    """Change something behind the registry's back."""
    with stage.world.components.database.writing() as session:
        what(stage.world, session)


def secret_in(headers: Headers) -> str:
    """The token that a caller sends."""
    return b64decode(headers["Authorization"].partition(" ")[2]).decode().partition(":")[2]


def check_wrong_everywhere(stage: Stage, headers: Headers, *case: object) -> None:
    """Check that the credentials are wrong, whatever is asked for, there or not.

    At every endpoint; of several tests that name their case, each at a share of them.
    """
    asked = share(turn_of(*map(case_name, case))) if case else ENDPOINTS
    stated = [(endpoint.method, endpoint.address) for endpoint in asked]
    for method, address in (*stated, ("GET", "/there/is/no/such/place/")):
        response = stage.ask(method, address, headers)
        assert response.status_int == 401, (method, address, response.status)
        assert response.headers["WWW-Authenticate"] == 'Basic realm="pypi"'


# The credential itself


def revoke(world: World, session: Session) -> None:
    newest(session, Token).revoked_at = world.clock()


def expire(world: World, session: Session) -> None:
    newest(session, Token).expires_at = world.clock()


def block(world: World, session: Session) -> None:
    newest(session, User).blocked_at = world.clock()


@pytest.mark.parametrize("what", [revoke, expire], ids=case_name)
@pytest.mark.parametrize("caller", TOKENS, ids=case_name)
def test_a_token_that_is_over_is_wrong_everywhere(
    either_stage: Stage, caller: Caller, what: Change
) -> None:
    headers = either_stage.enroll(caller)
    check(either_stage, caller, headers)
    change(either_stage, what)
    check_wrong_everywhere(either_stage, headers, *(() if caller is OWNER else (caller, what)))


@pytest.mark.parametrize("caller", TOKENS, ids=case_name)
def test_a_token_is_good_until_its_last_moment(either_stage: Stage, caller: Caller) -> None:
    headers = either_stage.enroll(caller)

    def nearly_expire(world: World, session: Session) -> None:
        newest(session, Token).expires_at = world.clock() + MOMENT

    change(either_stage, nearly_expire)
    check(either_stage, caller, headers)


@pytest.mark.parametrize("caller", [OWNER, PROJECT_BOT, GROUP_BOT, ADMINISTRATOR], ids=case_name)
def test_the_tokens_of_a_blocked_user_are_wrong_everywhere(stage: Stage, caller: Caller) -> None:
    headers = stage.enroll(caller)
    change(stage, block)
    check_wrong_everywhere(stage, headers)


def end_session(world: World, session: Session) -> None:
    session.delete(newest(session, BrowserSession))


def expire_session(world: World, session: Session) -> None:
    newest(session, BrowserSession).expires_at = world.clock()


@pytest.mark.parametrize("what", [end_session, expire_session, block], ids=case_name)
def test_who_is_signed_in_no_longer_is_nobody(stage: Stage, what: Change) -> None:
    headers = stage.enroll(IN_BROWSER)
    check(stage, IN_BROWSER, headers)
    change(stage, what)
    check(stage, replace(IN_BROWSER, standing=NOBODY), headers)


# The role


def remove(world: World, session: Session) -> None:
    session.delete(newest(session, Membership))


def end_role(world: World, session: Session) -> None:
    newest(session, Membership).expires_at = world.clock()


@pytest.mark.parametrize("what", [remove, end_role], ids=case_name)
@pytest.mark.parametrize("caller", MEMBERS, ids=case_name)
def test_who_is_no_member_any_more_is_a_stranger(
    either_stage: Stage, caller: Caller, what: Change
) -> None:
    headers = either_stage.enroll(caller)
    change(either_stage, what)
    stranger = standing_of(None, None, is_internal=caller.standing.is_internal)
    check(either_stage, replace(caller, standing=stranger), headers)


@pytest.mark.parametrize("caller", MEMBERS, ids=case_name)
def test_a_role_holds_until_its_last_moment(either_stage: Stage, caller: Caller) -> None:
    headers = either_stage.enroll(caller)

    def nearly_end(world: World, session: Session) -> None:
        newest(session, Membership).expires_at = world.clock() + MOMENT

    change(either_stage, nearly_end)
    check(either_stage, caller, headers)


@pytest.mark.parametrize("role", [Role.GUEST, Role.DEVELOPER], ids=case_name)
@pytest.mark.parametrize("caller", MEMBERS, ids=case_name)
def test_a_lower_role_holds_at_once(stage: Stage, caller: Caller, role: Role) -> None:
    headers = stage.enroll(caller)

    def lower(world: World, session: Session) -> None:
        newest(session, Membership).role = int(role)

    change(stage, lower)
    facts = {"is_internal": caller.standing.is_internal}
    check(stage, replace(caller, standing=standing_of(caller.place, role.label, **facts)), headers)


def test_the_highest_role_that_still_holds_counts(stage: Stage) -> None:
    headers = stage.enroll(OWNER)
    username = list(stage.world.users)[-1]
    stage.world.member(TOP, username, Role.REPORTER)
    both = replace(
        standing_of(TOP, "Reporter", is_internal=True), in_project="Owner", own_role_in="project"
    )
    check(stage, replace(OWNER, standing=both), headers)

    def end_the_higher(world: World, session: Session) -> None:
        own = select(Membership).where(
            Membership.user_id == world.users[username],
            Membership.namespace_id == stage.values["project"],
        )
        session.scalars(own).one().expires_at = world.clock()

    change(stage, end_the_higher)
    standing = standing_of(TOP, "Reporter", is_internal=True)
    check(stage, replace(OWNER, standing=standing), headers)


# The user


def test_an_administrator_no_longer(stage: Stage) -> None:
    headers = stage.enroll(ADMINISTRATOR)

    def demote(world: World, session: Session) -> None:
        newest(session, User).is_admin = False

    change(stage, demote)
    check(stage, replace(ADMINISTRATOR, standing=standing_of(None, None)), headers)


@pytest.mark.parametrize("database", DATABASES)
def test_who_becomes_external_sees_nothing_internal(stages: Stages, database: str) -> None:
    stage = stages(Setting("internal", "internal"), database)
    caller = caller_named("internal-stranger-with-personal-access-token-api")
    headers = stage.enroll(caller)
    check(stage, caller, headers)

    def make_external(world: World, session: Session) -> None:
        newest(session, User).is_external = True

    change(stage, make_external)
    check(stage, replace(caller, standing=standing_of(None, None)), headers)


# Where the credential is sent, and with what


def placed(place: str, secret: str) -> Headers:
    """The headers with a token in a place."""
    if place == "Basic":
        return basic(secret)
    return {"Authorization": f"Bearer {secret}"} if place == "Bearer" else {place: secret}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", TAKEN_IN)
def test_where_which_kind_is_taken(stage: Stage, kind: str, place: str) -> None:
    headers = placed(place, secret_in(stage.enroll(KINDS[kind])))
    if place in TAKEN_IN[kind]:
        check(stage, KINDS[kind], headers)
    else:
        check_wrong_everywhere(stage, headers, kind, place)


def test_every_kind_of_token_says_where_it_is_taken() -> None:
    assert set(KINDS) == set(TAKEN_IN)


def test_a_deploy_token_has_a_user_name_of_its_own(stage: Stage) -> None:
    secret = secret_in(stage.enroll(DEPLOYMENT))
    check(stage, DEPLOYMENT, basic(secret, "deployer"))
    check_wrong_everywhere(stage, basic(secret, "somebody-else"))


@pytest.mark.parametrize("kind", TAKEN_IN)
def test_a_secret_with_one_letter_changed_is_wrong(stage: Stage, kind: str) -> None:
    secret = secret_in(stage.enroll(KINDS[kind]))
    middle = len(secret) // 2
    other = "A" if secret[middle] != "A" else "B"
    check_wrong_everywhere(stage, basic(secret[:middle] + other + secret[middle + 1 :]), kind)


def test_two_credentials_that_disagree_are_wrong(stage: Stage) -> None:
    job = {"JOB-TOKEN": secret_in(stage.enroll(JOB))}
    check_wrong_everywhere(stage, {**stage.enroll(OWNER), **job})
    deployment = {"Deploy-Token": secret_in(stage.enroll(DEPLOYMENT))}
    check_wrong_everywhere(stage, {**job, **deployment})


def test_a_wrong_token_beside_a_good_session_is_wrong(stage: Stage) -> None:
    over = stage.enroll(OWNER)
    change(stage, revoke)
    check_wrong_everywhere(stage, {**stage.enroll(IN_BROWSER), **over})


def test_a_good_token_beside_a_session_is_what_counts(stage: Stage) -> None:
    session = stage.enroll(IN_BROWSER)
    check(stage, DEPLOYMENT, {**session, **stage.enroll(DEPLOYMENT)})
