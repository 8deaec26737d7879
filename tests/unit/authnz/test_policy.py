"""The security policy: who asks is found once a request, and never guessed."""

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from pyramid.authorization import Allow, Authenticated, Everyone
from pyramid.request import Request

from pyregistry.authnz.credentials import SESSION_COOKIE, Presented
from pyregistry.authnz.identity import ADMINISTRATORS, INTERNAL_USERS, Credential, Identity, Lineage
from pyregistry.authnz.identity import principals_of as principals_of_user
from pyregistry.authnz.permissions import CredentialKind, Permissions, Scope
from pyregistry.authnz.policy import (
    InvalidCredentials,
    RefusedCredential,
    SecurityPolicy,
    principals,
)
from pyregistry.authnz.roles import Role

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def identity(number: int, *scopes: Scope, kind: Any = None) -> Identity:
    credential = Credential(
        kind or CredentialKind.PERSONAL_ACCESS_TOKEN, number, "t", frozenset(scopes or Scope)
    )
    return Identity(number, f"user-{number}", False, False, credential, frozenset({"p"}))


class Directory:
    """Knows whose tokens and sessions are whose, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.lineage: Lineage | None = None
        self.noted: list[Identity] = []
        self.tokens = {"one": identity(1), "two": identity(2)}
        self.passwords = {"secret": identity(1, kind=CredentialKind.PASSWORD)}
        self.sessions = {"browser": identity(3, kind=CredentialKind.BROWSER_SESSION)}
        self.policy = SecurityPolicy(
            self.identify_token,
            self.identify_session,
            lambda _, found: self.noted.append(found),
            self.identify_password,
            lambda _: self.lineage,
        )

    def identify_token(
        self, _session: object, presented: Presented, _now: datetime, lineage: Lineage | None
    ) -> Identity | None:
        self.asked.append(presented.secret)
        found = self.tokens.get(presented.secret)
        if found is None or lineage is None:
            return found
        return replace(found, principals=frozenset(), lineage=lineage)

    def identify_password(
        self, _request: object, _session: object, presented: Presented, _now: datetime
    ) -> Identity | None:
        if presented.username != "ann":
            return None
        self.asked.append(f"password {presented.secret}")
        return self.passwords.get(presented.secret)

    def identify_session(self, _session: object, secret: str, _now: datetime) -> Identity | None:
        self.asked.append(secret)
        return self.sessions.get(secret)


def request(**headers: str) -> Request:
    made = Request.blank("/")
    made.db = made.now = None
    for name, value in headers.items():
        made.environ[f"HTTP_{name.upper()}"] = value
    return made


@pytest.fixture
def directory() -> Directory:
    return Directory()


def test_identity_is_asked_for_once_a_request(directory: Directory) -> None:
    asking = request(authorization="Bearer one")
    for _ in range(3):
        assert directory.policy.identity(asking) is directory.tokens["one"]
    assert directory.policy.authenticated_userid(asking) == 1
    directory.policy.permits(asking, SimpleNamespace(), Permissions.HOME_READ)
    assert directory.asked == ["one"]
    assert directory.noted == [directory.tokens["one"]]


def test_nothing_is_remembered_for_the_next_request(directory: Directory) -> None:
    assert directory.policy.identity(request(authorization="Bearer one")) is not None
    del directory.tokens["one"]
    with pytest.raises(InvalidCredentials):
        directory.policy.identity(request(authorization="Bearer one"))


class Open:
    """A place that everybody may read."""

    def __acl__(self) -> list[Any]:
        return [(Allow, Everyone, {Permissions.HOME_READ})]


class Gate:
    """A place that only those with a certain principal may read."""

    def __acl__(self) -> list[Any]:
        return [(Allow, "p", {Permissions.HOME_READ})]


def test_what_the_principals_of_one_place_permit_takes_no_others(directory: Directory) -> None:
    directory.lineage = Lineage(("acme",))
    asking = request(authorization="Bearer one")
    assert directory.policy.permits(asking, Open(), Permissions.HOME_READ)
    assert directory.policy.identity(asking).principals == frozenset()
    assert directory.asked == ["one"]


def test_nothing_is_refused_before_all_principals_are_known(directory: Directory) -> None:
    directory.lineage = Lineage(("acme",))
    asking = request(authorization="Bearer one")
    assert directory.policy.permits(asking, Gate(), Permissions.HOME_READ)
    assert directory.policy.identity(asking) is directory.tokens["one"]
    assert not directory.policy.permits(asking, Gate(), Permissions.PACKAGE_PULL)
    assert directory.asked == ["one", "one"]
    assert len(directory.noted) == 1


def test_nobody(directory: Directory) -> None:
    assert directory.policy.identity(request()) is None
    assert directory.policy.authenticated_userid(request()) is None
    assert directory.noted == []


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer wrong"},
        {"authorization": "Basic !"},
        {"private_token": ""},
        {"private_token": "wrong"},
        {"authorization": "Bearer one", "private_token": "wrong"},
        {"authorization": "Bearer wrong", "private_token": "one"},
        {"authorization": "Bearer wrong", "cookie": f"{SESSION_COOKIE}=browser"},
    ],
)
def test_wrong_credentials_are_not_nobody(directory: Directory, headers: dict[str, str]) -> None:
    with pytest.raises(InvalidCredentials):
        directory.policy.identity(request(**headers))
    assert directory.noted == []


def test_tokens_of_two_people_are_refused(directory: Directory) -> None:
    with pytest.raises(InvalidCredentials):
        directory.policy.identity(request(authorization="Bearer one", private_token="two"))


def test_the_same_token_twice_is_one(directory: Directory) -> None:
    asking = request(authorization="Bearer one", private_token="one")
    assert directory.policy.identity(asking) is directory.tokens["one"]


def test_browser_session(directory: Directory) -> None:
    asking = request(cookie=f"{SESSION_COOKIE}=browser")
    assert directory.policy.identity(asking) is directory.sessions["browser"]


def test_browser_session_that_is_over_is_nobody(directory: Directory) -> None:
    assert directory.policy.identity(request(cookie=f"{SESSION_COOKIE}=old")) is None


def test_a_token_comes_before_the_browser_session(directory: Directory) -> None:
    asking = request(authorization="Bearer one", cookie=f"{SESSION_COOKIE}=browser")
    assert directory.policy.identity(asking) is directory.tokens["one"]
    assert directory.asked == ["one"]


def test_a_session_secret_is_no_token(directory: Directory) -> None:
    with pytest.raises(InvalidCredentials):
        directory.policy.identity(request(authorization="Bearer browser"))


def test_what_is_no_token_is_asked_as_a_password(directory: Directory) -> None:
    asking = request(**basic_header("ann:secret"))
    assert directory.policy.identity(asking) is directory.passwords["secret"]
    assert directory.asked == ["secret", "password secret"]


def test_a_token_is_never_asked_as_a_password(directory: Directory) -> None:
    assert directory.policy.identity(request(**basic_header("ann:one"))) is directory.tokens["one"]
    assert directory.asked == ["one"]


def test_a_password_and_a_token_are_two_credentials(directory: Directory) -> None:
    with pytest.raises(InvalidCredentials):
        directory.policy.identity(request(**basic_header("ann:secret"), private_token="one"))


def basic_header(credentials: str) -> dict[str, str]:
    return {"authorization": f"Basic {b64encode(credentials.encode()).decode()}"}


def test_principals() -> None:
    assert principals(None) == {Everyone}
    assert principals(identity(1)) == {Everyone, Authenticated, "p"}


def test_principals_of_users() -> None:
    found = principals_of_user(
        is_admin=False, is_external=False, roles={7: Role.DEVELOPER}, visited={3}
    )
    assert found == {"member:7:30", "visitor:3", INTERNAL_USERS}
    assert principals_of_user(is_admin=True, is_external=True, roles={}, visited=set()) == {
        ADMINISTRATORS
    }


def test_the_credential_is_asked_before_the_list(directory: Directory) -> None:
    class Open:
        __parent__ = None
        __acl__ = [(Allow, Everyone, list(Permissions))]  # noqa: RUF012 -- Pyramid's attribute

    directory.tokens["reads"] = identity(9, Scope.READ_API)
    asking = request(authorization="Bearer reads")
    assert directory.policy.permits(asking, Open(), Permissions.PACKAGE_PULL)
    refused = directory.policy.permits(asking, Open(), Permissions.PACKAGE_PUBLISH)
    assert not refused
    assert isinstance(refused, RefusedCredential)


def test_nothing_is_allowed_without_a_list(directory: Directory) -> None:
    nowhere = SimpleNamespace(__parent__=None)
    for permission in Permissions:
        assert not directory.policy.permits(request(), nowhere, permission)


def test_the_policy_sets_no_headers(directory: Directory) -> None:
    assert directory.policy.remember(request(), 1) == []
    assert directory.policy.forget(request()) == []
