"""The tables of permissions, roles, scopes and credentials."""

from itertools import pairwise

import pytest

from pyregistry.authnz.identity import Credential, Identity
from pyregistry.authnz.permissions import (
    API_SCOPES,
    EVERYTHING,
    KIND_SCOPES,
    PERMISSION_CREDENTIALS,
    READING,
    SCOPE_PERMISSIONS,
    CredentialKind,
    Permissions,
    Scope,
)
from pyregistry.authnz.policy import credential_refusal
from pyregistry.authnz.roles import (
    MANAGER_ROLE,
    PULLS_ONLY,
    READER_ROLE,
    ROLE_PERMISSIONS,
    SEES_GROUP,
    SEES_PROJECT,
    Role,
)

WRITING = EVERYTHING - READING
NO_PERSONAL_TOKEN = {Permissions.JOB_TOKENS_CREATE, Permissions.SELF_MANAGE}
"""What no personal access token carries."""


def identity(kind: CredentialKind, *scopes: Scope) -> Identity:
    credential = Credential(kind, 1, "test", frozenset(scopes))
    return Identity(1, "alice", False, False, credential, frozenset())


def test_every_permission_says_which_credentials_carry_it() -> None:
    assert set(PERMISSION_CREDENTIALS) == set(Permissions)


def test_every_scope_says_what_it_permits() -> None:
    assert set(SCOPE_PERMISSIONS) == set(Scope)


def test_every_kind_says_which_scopes_it_may_have() -> None:
    assert set(KIND_SCOPES) == set(CredentialKind)


_CARRIED = {
    CredentialKind.DEPLOY_TOKEN: {"home:read", "index:read", "package:pull", "package:publish"},
    CredentialKind.JOB_TOKEN: {"home:read", "index:read", "package:pull", "package:publish"},
    CredentialKind.PERSONAL_ACCESS_TOKEN: EVERYTHING - NO_PERSONAL_TOKEN,
    CredentialKind.PASSWORD: EVERYTHING - {Permissions.JOB_TOKENS_CREATE},
    CredentialKind.BROWSER_SESSION: EVERYTHING
    - {Permissions.JOB_TOKENS_CREATE, Permissions.PACKAGE_PUBLISH},
    CredentialKind.PROJECT_ACCESS_TOKEN: EVERYTHING
    - {
        Permissions.ACCESS_TOKENS_MANAGE,
        Permissions.DEPLOY_TOKENS_MANAGE,
        Permissions.TRUSTED_PUBLISHERS_MANAGE,
        Permissions.USERS_MANAGE,
        Permissions.GROUP_CREATE,
        Permissions.SELF_MANAGE,
    },
}
_CARRIED[CredentialKind.GROUP_ACCESS_TOKEN] = _CARRIED[CredentialKind.PROJECT_ACCESS_TOKEN]


@pytest.mark.parametrize("kind", CredentialKind)
def test_what_a_kind_of_credential_carries_with_every_scope_that_it_may_have(
    kind: CredentialKind,
) -> None:
    caller = identity(kind, *KIND_SCOPES[kind])
    carried = {p for p in Permissions if credential_refusal(caller, p) is None}
    assert carried == _CARRIED[kind]


@pytest.mark.parametrize(
    ("scope", "carried"),
    [
        (Scope.READ_PACKAGE_REGISTRY, {"home:read", "index:read", "package:pull"}),
        (Scope.WRITE_PACKAGE_REGISTRY, {"package:publish"}),
    ],
)
def test_scopes_of_deploy_tokens(scope: Scope, carried: set[str]) -> None:
    caller = identity(CredentialKind.DEPLOY_TOKEN, scope)
    assert {p for p in Permissions if credential_refusal(caller, p) is None} == carried


def test_a_refusal_names_the_scope_that_the_kind_can_have() -> None:
    caller = identity(CredentialKind.DEPLOY_TOKEN, Scope.READ_PACKAGE_REGISTRY)
    assert credential_refusal(caller, Permissions.PACKAGE_PUBLISH) == (
        "The token has only the scope read_package_registry: this needs one with the scope "
        "write_package_registry."
    )


def test_every_role_says_what_it_permits() -> None:
    assert set(ROLE_PERMISSIONS) == set(Role)


def test_permissions_are_named_resource_and_action() -> None:
    for permission in Permissions:
        resource, _, action = permission.partition(":")
        assert resource, permission
        assert action, permission


def test_roles_are_gitlabs_access_levels() -> None:
    assert {role.name: int(role) for role in Role} == {
        "GUEST": 10,
        "REPORTER": 20,
        "DEVELOPER": 30,
        "MAINTAINER": 40,
        "OWNER": 50,
    }


def test_a_higher_role_may_do_whatever_a_lower_one_may() -> None:
    for lower, higher in pairwise(sorted(Role)):
        assert ROLE_PERMISSIONS[lower] <= ROLE_PERMISSIONS[higher]


@pytest.mark.parametrize(
    ("permission", "least"),
    [
        (Permissions.PROJECT_READ, Role.GUEST),
        (Permissions.GROUP_READ, Role.GUEST),
        (Permissions.GROUP_USAGE_COUNT, Role.GUEST),
        (Permissions.PACKAGE_READ, Role.REPORTER),
        (Permissions.PACKAGE_PULL, Role.REPORTER),
        (Permissions.PACKAGE_PUBLISH, Role.DEVELOPER),
        (Permissions.PACKAGE_YANK, Role.MAINTAINER),
        (Permissions.PACKAGE_SET_STATUS, Role.MAINTAINER),
        (Permissions.PACKAGE_DELETE, Role.MAINTAINER),
        (Permissions.MEMBERS_READ, Role.GUEST),
        (Permissions.MEMBERS_LEAVE, Role.GUEST),
        (Permissions.MEMBERS_MANAGE, Role.MAINTAINER),
        (Permissions.TOKENS_READ, Role.MAINTAINER),
        (Permissions.TRUSTED_PUBLISHERS_READ, Role.MAINTAINER),
        (Permissions.PROTECTION_READ, Role.MAINTAINER),
        (Permissions.ACCESS_TOKENS_MANAGE, Role.MAINTAINER),
        (Permissions.DEPLOY_TOKENS_MANAGE, Role.MAINTAINER),
        (Permissions.JOB_TOKENS_CREATE, Role.MAINTAINER),
        (Permissions.TRUSTED_PUBLISHERS_MANAGE, Role.MAINTAINER),
        (Permissions.PROTECTION_MANAGE, Role.MAINTAINER),
        (Permissions.NAMESPACE_SETTINGS, Role.OWNER),
        (Permissions.AUDIT_READ, Role.OWNER),
    ],
)
def test_least_role(permission: Permissions, least: Role) -> None:
    assert {role for role in Role if permission in ROLE_PERMISSIONS[role]} == {
        role for role in Role if role >= least
    }


def test_the_reader_role_is_the_least_that_pulls() -> None:
    pulling = [role for role in Role if Permissions.PACKAGE_PULL in ROLE_PERMISSIONS[role]]
    assert min(pulling) is READER_ROLE


def test_the_manager_role_is_the_least_that_manages_members() -> None:
    managing = [role for role in Role if Permissions.MEMBERS_MANAGE in ROLE_PERMISSIONS[role]]
    assert min(managing) is MANAGER_ROLE


def test_nobody_has_the_permission_of_views_without_one() -> None:
    assert Permissions.NOBODY not in EVERYTHING
    assert PERMISSION_CREDENTIALS[Permissions.NOBODY] == frozenset()
    assert not any(Permissions.NOBODY in granted for granted in ROLE_PERMISSIONS.values())
    assert not any(Permissions.NOBODY in granted for granted in SCOPE_PERMISSIONS.values())


def test_visibility_permits_reading_only() -> None:
    # Telling that a command was copied changes nothing but a count.
    counting = {Permissions.USAGE_COUNT, Permissions.GROUP_USAGE_COUNT}
    assert READING | counting >= SEES_GROUP | SEES_PROJECT | PULLS_ONLY


@pytest.mark.parametrize("permission", sorted(WRITING - NO_PERSONAL_TOKEN))
def test_a_reading_token_never_writes(permission: Permissions) -> None:
    caller = identity(CredentialKind.PERSONAL_ACCESS_TOKEN, Scope.READ_API)
    refusal = credential_refusal(caller, permission)
    assert refusal == ("The token has only the scope read_api: this needs one with the scope api.")


@pytest.mark.parametrize("permission", sorted(READING))
@pytest.mark.parametrize("scope", sorted(API_SCOPES))
def test_every_token_reads(permission: Permissions, scope: Scope) -> None:
    caller = identity(CredentialKind.PERSONAL_ACCESS_TOKEN, scope)
    assert credential_refusal(caller, permission) is None


@pytest.mark.parametrize("permission", sorted(WRITING - NO_PERSONAL_TOKEN))
def test_a_token_with_the_whole_scope_writes(permission: Permissions) -> None:
    caller = identity(CredentialKind.PERSONAL_ACCESS_TOKEN, Scope.READ_API, Scope.API)
    assert credential_refusal(caller, permission) is None


def test_a_browser_session_never_publishes() -> None:
    caller = identity(CredentialKind.BROWSER_SESSION, Scope.API)
    refusal = credential_refusal(caller, Permissions.PACKAGE_PUBLISH)
    assert refusal == "A browser session cannot do this: use a token."


@pytest.mark.parametrize("kind", CredentialKind)
def test_no_credential_carries_the_permission_of_nobody(kind: CredentialKind) -> None:
    assert credential_refusal(identity(kind, *Scope), Permissions.NOBODY) is not None


def test_a_credential_without_scopes_may_do_nothing() -> None:
    caller = identity(CredentialKind.PERSONAL_ACCESS_TOKEN)
    for permission in Permissions:
        assert credential_refusal(caller, permission) is not None
