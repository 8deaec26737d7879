"""Every endpoint, caller, credential and visibility against the statement of the policy."""

from collections.abc import Sequence
from itertools import product

import pytest
from pyramid.registry import Registry
from pyramid.security import NO_PERMISSION_REQUIRED

from tests.factories.views import registered_views
from tests.policy.callers import EVERYBODY, Caller
from tests.policy.conftest import Stages
from tests.policy.endpoints import ASIDE, ENDPOINTS, FOR_ANYONE, Endpoint
from tests.policy.reading import HIDDEN, Setting, expected
from tests.policy.shares import share, turn_of
from tests.policy.staging import Headers, Stage
from tests.policy.statement import CREDENTIALS, IN_A_GROUP, IN_A_PROJECT, IN_THE_INSTANCE

pytestmark = pytest.mark.thorough

SETTINGS = [
    Setting("private", "private"),
    Setting("private", "public"),
    Setting("internal", "internal"),
    Setting("public", "public"),
    Setting("anyone can pull", "private"),
]
LEAST_CASES = 5_000
CASES = [
    (setting, caller)
    for setting, caller in product(SETTINGS, EVERYBODY)
    # What a member's credential cannot carry does not depend on the visibility.
    if setting is SETTINGS[0] or caller.role is None or caller.credential.endswith(": api")
]
TURNS = {
    # Those who send the same take one turn after the other.
    case: turn
    for key in product(SETTINGS, CREDENTIALS)
    for turn, case in enumerate(case for case in CASES if (case[0], case[1].credential) == key)
}
ON_POSTGRESQL = [
    (setting, caller)
    for setting, caller in CASES
    if setting in (SETTINGS[1], SETTINGS[4])
    and caller.credential not in ("browser session", "deploy token: write")
    and caller.role in (None, "Guest", "Reporter", "Maintainer")
]


def case_name(part: object) -> str:
    """The settings and callers have names."""
    return str(part.name) if isinstance(part, Setting | Caller) else str(part)


def asked_by(setting: Setting, caller: Caller) -> Sequence[Endpoint]:
    """Every endpoint where everything is private, which refuses most; else a share of them.

    That is for the credential of each standing that can do most: others differ by the action.
    """
    if setting is SETTINGS[0] and (caller.role is None or caller.credential.endswith(": api")):
        return ENDPOINTS
    return share(TURNS[setting, caller])


def check(
    stage: Stage, caller: Caller, headers: Headers, asked: Sequence[Endpoint] | None = None
) -> None:
    """Fail with a table where the registry answers otherwise than the statement says."""
    if asked is None:
        asked = share(turn_of(stage.setting, caller))
    found = mismatches(stage, caller, headers, asked)
    assert not found, "\n".join([f"{caller.name}, {stage.setting.name}:", *found])


@pytest.mark.parametrize(("setting", "caller"), CASES, ids=case_name)
def test_who_may_do_what(stages: Stages, setting: Setting, caller: Caller) -> None:
    stage = stages(setting)
    check(stage, caller, stage.enroll(caller), asked_by(setting, caller))


@pytest.mark.postgresql
@pytest.mark.parametrize(("setting", "caller"), ON_POSTGRESQL, ids=case_name)
def test_who_may_do_what_on_postgresql(stages: Stages, setting: Setting, caller: Caller) -> None:
    stage = stages(setting, "postgresql")
    check(stage, caller, stage.enroll(caller))


def test_there_are_thousands_of_cases(capsys: pytest.CaptureFixture[str]) -> None:
    count = sum(len(asked_by(setting, caller)) for setting, caller in CASES)
    every = len(CASES) * len(ENDPOINTS)
    with capsys.disabled():
        print(f"\n{len(CASES)} callers ask {count} times at {len(ENDPOINTS)} endpoints, of {every}")
    assert count >= LEAST_CASES


def test_every_case_asks_for_every_action() -> None:
    actions = {(endpoint.place, endpoint.action) for endpoint in ENDPOINTS}
    for setting, caller in CASES:
        asked = asked_by(setting, caller)
        assert {(endpoint.place, endpoint.action) for endpoint in asked} == actions, caller


def test_every_setting_every_role_and_every_credential_asks_at_every_endpoint() -> None:
    asked = {
        (about, endpoint)
        for setting, caller in CASES
        for endpoint in asked_by(setting, caller)
        for about in (setting, caller.role, caller.credential)
    }
    kinds = {*SETTINGS, *(caller.role for caller in EVERYBODY), *CREDENTIALS}
    missing = set(product(kinds, ENDPOINTS)) - asked
    assert missing == set(), len(missing)


def test_the_cases_tell_every_answer_apart() -> None:
    answers = {
        (endpoint.action, expected(caller.standing, caller.credential, setting, endpoint))
        for setting, caller in CASES
        for endpoint in ENDPOINTS
        # Nothing of the instance is hidden from anybody who is signed in.
        if endpoint.place != "instance"
    }
    always = {"open the front page", "read the index", "find in the index", "fetch by the index"}
    for action in {action for action, _ in answers} - always:
        assert {answer for found, answer in answers if found == action} >= {"401", "403", HIDDEN}


def test_every_action_is_a_row_of_the_statement() -> None:
    stated = {"project": IN_A_PROJECT, "group": IN_A_GROUP, "instance": IN_THE_INSTANCE}
    indexes = {"read the index", "find in the index", "fetch by the index"}
    for endpoint in ENDPOINTS:
        assert endpoint.action in stated[endpoint.place].keys() | indexes, endpoint


def test_every_credential_of_the_statement_calls() -> None:
    assert {caller.credential for caller in EVERYBODY} == set(CREDENTIALS)


def test_every_view_is_stated(stages: Stages, application: tuple[object, Registry]) -> None:
    stage = stages(SETTINGS[3])
    stated = [(row.method, row.address) for row in ENDPOINTS] + [row[:2] for row in ASIDE]
    reached = {stage.reached(method, address) for method, address in stated}
    missing = {name for name, _ in registered_views(application[1])} - reached
    assert not missing, f"say in tests/policy/endpoints.py who may ask for {named(missing)}"


def test_every_stated_endpoint_exists(stages: Stages) -> None:
    stage = stages(SETTINGS[3])
    rows = [(row.method, row.address) for row in ENDPOINTS] + [row[:2] for row in ASIDE]
    assert [row for row in rows if stage.reached(*row) is None] == []


def test_no_endpoint_is_stated_twice() -> None:
    rows = [(row.method, row.address) for row in ENDPOINTS] + [row[:2] for row in ASIDE]
    assert sorted(set(rows)) == sorted(rows)


def test_every_view_but_those_for_anyone_asks_for_a_permission(
    stages: Stages, application: tuple[object, Registry]
) -> None:
    stage = stages(SETTINGS[3])
    open_views = {
        name
        for name, permission in registered_views(application[1])
        if permission in (None, NO_PERMISSION_REQUIRED)
    }
    assert open_views == {stage.reached(method, address) for method, address, _ in FOR_ANYONE}


def test_no_view_has_a_name(application: tuple[object, Registry]) -> None:
    for item in application[1].introspector.get_category("views"):
        view = item["introspectable"]
        assert not view["name"] or view["route_name"], view


def mismatches(
    stage: Stage, caller: Caller, headers: Headers, asked: Sequence[Endpoint]
) -> list[str]:
    """Where the registry answers otherwise than stated, a line each."""
    found = []
    for endpoint in asked:
        stated = expected(caller.standing, caller.credential, stage.setting, endpoint)
        answered, response = stage.answer(endpoint, headers)
        if answered != stated:
            address = endpoint.address.format(**stage.values)
            found.append(
                f"  {endpoint.method:6} {address:70} {endpoint.action:30} "
                f"stated: {stated}, answered: {response.status}"
            )
    return found


def named(views: set[tuple[type, str]]) -> list[str]:
    """Views as people read them."""
    return sorted(f"{method} of {context.__name__}" for context, method in views)
