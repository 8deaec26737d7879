"""Roles, as GitLab's, and what each may do."""

from enum import IntEnum

from pyregistry.authnz.permissions import Permissions


class Role(IntEnum):
    """A member's role. The numbers are GitLab's access levels; a higher one may do more."""

    GUEST = 10
    REPORTER = 20
    DEVELOPER = 30
    MAINTAINER = 40
    OWNER = 50

    @property
    def label(self) -> str:
        """The role's name as people read it, such as `Developer`."""
        return self.name.capitalize()


READER_ROLE = Role.REPORTER
"""The least role that may read the packages of a private project."""

DEPLOY_TOKEN_ROLE = Role.DEVELOPER
"""As whom a deploy token acts in the namespace that it belongs to."""

JOB_TOKEN_ROLE = Role.MAINTAINER
"""As whom a job token acts in its project: only a Maintainer can have let the job in."""

MANAGER_ROLE = Role.MAINTAINER
"""The least role that may manage members, tokens and trusted publishers."""

_GUEST = frozenset(
    {
        Permissions.GROUP_READ,
        Permissions.GROUP_USAGE_COUNT,
        Permissions.INDEX_READ,
        Permissions.PROJECT_READ,
        Permissions.MEMBERS_READ,
        Permissions.MEMBERS_LEAVE,
    }
)
_READING = frozenset(
    {
        Permissions.PACKAGE_READ,
        Permissions.PACKAGE_PULL,
        Permissions.USAGE_READ,
        Permissions.USAGE_COUNT,
    }
)
_REPORTER = _GUEST | _READING
_DEVELOPER = _REPORTER | {Permissions.PACKAGE_PUBLISH}
_MAINTAINER = _DEVELOPER | {
    Permissions.PACKAGE_YANK,
    Permissions.PACKAGE_SET_STATUS,
    Permissions.PACKAGE_DELETE,
    Permissions.NAMESPACE_CREATE,
    Permissions.MEMBERS_MANAGE,
    Permissions.TOKENS_READ,
    Permissions.ACCESS_TOKENS_MANAGE,
    Permissions.DEPLOY_TOKENS_MANAGE,
    Permissions.JOB_TOKENS_CREATE,
    Permissions.TRUSTED_PUBLISHERS_READ,
    Permissions.TRUSTED_PUBLISHERS_MANAGE,
    Permissions.INDEX_EXPLAIN,
    Permissions.PROTECTION_READ,
    Permissions.PROTECTION_MANAGE,
}
_OWNER = _MAINTAINER | {
    Permissions.NAMESPACE_SETTINGS,
    Permissions.NAMESPACE_TRANSFER,
    Permissions.NAMESPACE_DELETE,
    Permissions.AUDIT_READ,
}

ROLE_PERMISSIONS: dict[Role, frozenset[Permissions]] = {
    Role.GUEST: _GUEST,
    Role.REPORTER: _REPORTER,
    Role.DEVELOPER: _DEVELOPER,
    Role.MAINTAINER: _MAINTAINER,
    Role.OWNER: _OWNER,
}

SEES_GROUP = frozenset(
    {Permissions.GROUP_READ, Permissions.GROUP_USAGE_COUNT, Permissions.INDEX_READ}
)
SEES_PROJECT = _READING | {Permissions.PROJECT_READ}
PULLS_ONLY = frozenset({Permissions.PACKAGE_PULL})
