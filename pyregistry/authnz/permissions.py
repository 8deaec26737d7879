"""Permissions, named `resource:action`, and which credentials may carry them."""

from enum import StrEnum


class Permissions(StrEnum):
    """Everything that a view can ask for. A view without one of these denies."""

    NOBODY = "nobody:may"
    """What a view asks for that forgot to name a permission: nobody has it."""
    HOME_READ = "home:read"
    INDEX_READ = "index:read"
    """The index of a group or of the instance, which shows what its caller may pull."""
    GROUP_READ = "group:read"
    PROJECT_READ = "project:read"
    PACKAGE_READ = "package:read"
    """The pages of packages."""
    PACKAGE_PULL = "package:pull"
    """A project's index and files, and its packages in the API."""
    PACKAGE_PUBLISH = "package:publish"
    PACKAGE_YANK = "package:yank"
    PACKAGE_SET_STATUS = "package:set_status"
    PACKAGE_DELETE = "package:delete"
    MEMBERS_READ = "members:read"
    MEMBERS_LEAVE = "members:leave"
    """To stop being a member. Removing others needs `members:manage` besides."""
    MEMBERS_MANAGE = "members:manage"
    """To give, change and take away roles, as far as one's own role goes."""
    NAMESPACE_SETTINGS = "namespace:settings"
    """The visibility of a group or project."""


class CredentialKind(StrEnum):
    """The ways in which a caller can prove who they are."""

    PERSONAL_ACCESS_TOKEN = "personal_access_token"  # noqa: S105 -- the name of a kind
    BROWSER_SESSION = "browser_session"


class Scope(StrEnum):
    """What a token may be used for, in GitLab's words."""

    API = "api"
    READ_API = "read_api"


READING = frozenset(
    {
        Permissions.HOME_READ,
        Permissions.INDEX_READ,
        Permissions.GROUP_READ,
        Permissions.PROJECT_READ,
        Permissions.PACKAGE_READ,
        Permissions.PACKAGE_PULL,
        Permissions.MEMBERS_READ,
    }
)

_TOKENS = frozenset({CredentialKind.PERSONAL_ACCESS_TOKEN})
_ALL = frozenset(CredentialKind)

PERMISSION_CREDENTIALS: dict[Permissions, frozenset[CredentialKind]] = {
    Permissions.NOBODY: frozenset(),
    Permissions.HOME_READ: _ALL,
    Permissions.INDEX_READ: _ALL,
    Permissions.GROUP_READ: _ALL,
    Permissions.PROJECT_READ: _ALL,
    Permissions.PACKAGE_READ: _ALL,
    Permissions.PACKAGE_PULL: _ALL,
    # A page in a browser can be made to send a form anywhere; it must not publish.
    Permissions.PACKAGE_PUBLISH: _TOKENS,
    Permissions.PACKAGE_YANK: _ALL,
    Permissions.PACKAGE_SET_STATUS: _ALL,
    Permissions.PACKAGE_DELETE: _ALL,
    Permissions.MEMBERS_READ: _ALL,
    Permissions.MEMBERS_LEAVE: _ALL,
    Permissions.MEMBERS_MANAGE: _ALL,
    Permissions.NAMESPACE_SETTINGS: _ALL,
}

EVERYTHING = frozenset(Permissions) - {Permissions.NOBODY}

SCOPE_PERMISSIONS: dict[Scope, frozenset[Permissions]] = {
    Scope.API: EVERYTHING,
    Scope.READ_API: READING,
}
