"""Permissions, named `resource:action`, and which credentials may carry them."""

from enum import StrEnum


class Permissions(StrEnum):
    """Everything that a view can ask for. A view without one of these denies."""

    NOBODY = "nobody:may"
    """What a view asks for that forgot to name a permission: nobody has it."""
    HOME_READ = "home:read"
    INDEX_READ = "index:read"
    """The index of a group or of the instance, which shows what its caller may pull."""
    INDEX_EXPLAIN = "index:explain"
    """Why an index shows or hides a file, to somebody else."""
    NAMESPACES_LIST = "namespaces:list"
    """The lists of groups and projects, which show what their caller may see."""
    GROUP_CREATE = "group:create"
    """To create a group at the top, where the instance lets people do so."""
    NAMESPACE_CREATE = "namespace:create"
    """To create groups and projects in a group."""
    GROUP_READ = "group:read"
    PROJECT_READ = "project:read"
    PACKAGE_READ = "package:read"
    """The pages of packages."""
    PACKAGE_PULL = "package:pull"
    """A project's index and files, and its packages in the API."""
    USAGE_READ = "usage:read"
    """How often packages were pushed, pulled and deleted."""
    USAGE_COUNT = "usage:count"
    """To tell that a command was copied from a page of a project."""
    GROUP_USAGE_COUNT = "group_usage:count"
    """To tell that a command was copied from the page of a group."""
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
    """The name, the description and the visibility of a group or project, and whether it has a
    package registry."""
    NAMESPACE_TRANSFER = "namespace:transfer"
    """To move a group or project; the place where it comes to asks for a role, too."""
    NAMESPACE_DELETE = "namespace:delete"
    SELF_READ = "self:read"
    """One's own account, and the version of the registry."""
    SELF_MANAGE = "self:manage"
    """To change one's own password, end one's sessions, and make personal access tokens."""
    OWN_TOKENS_READ = "own_tokens:read"
    OWN_TOKENS_MANAGE = "own_tokens:manage"
    """To rotate and revoke the tokens that are one's own."""
    FOUND_TOKENS_MANAGE = "found_tokens:manage"
    """To say what a token is that was found somewhere, and to revoke it."""
    TOKENS_READ = "tokens:read"
    """To list the access tokens and deploy tokens of a group or project, without secrets."""
    ACCESS_TOKENS_MANAGE = "access_tokens:manage"
    """The access tokens of a group or project, as far as one's own role goes."""
    DEPLOY_TOKENS_MANAGE = "deploy_tokens:manage"
    JOB_TOKENS_CREATE = "job_tokens:create"
    TRUSTED_PUBLISHERS_READ = "trusted_publishers:read"
    TRUSTED_PUBLISHERS_MANAGE = "trusted_publishers:manage"
    PROTECTION_READ = "protection:read"
    PROTECTION_MANAGE = "protection:manage"
    """The protection rules of a project, and the reserved prefixes of a group."""
    AUDIT_READ = "audit:read"
    """The events of a group or project with everything in it, or of the instance."""
    INSTANCE_SETTINGS = "instance:settings"
    USERS_READ = "users:read"
    """To list users, as far as one may see any: external users see only themselves."""
    USER_MEMBERSHIPS_READ = "user_memberships:read"
    """Where somebody is a member, everywhere in the instance."""
    USERS_MANAGE = "users:manage"
    """To create, change, block and delete users, and to make tokens for them."""
    HEALTH_READ = "health:read"
    """How the registry is and how much it holds, in detail."""
    STORAGE_MIGRATE = "storage:migrate"
    """To have all files moved into another storage, and to stop that."""


class CredentialKind(StrEnum):
    """The ways in which a caller can prove who they are."""

    PERSONAL_ACCESS_TOKEN = "personal_access_token"  # noqa: S105 -- the name of a kind
    PROJECT_ACCESS_TOKEN = "project_access_token"  # noqa: S105
    GROUP_ACCESS_TOKEN = "group_access_token"  # noqa: S105
    DEPLOY_TOKEN = "deploy_token"  # noqa: S105
    JOB_TOKEN = "job_token"  # noqa: S105
    PASSWORD = "password"  # noqa: S105
    """The password of an account, in Basic authentication."""
    BROWSER_SESSION = "browser_session"

    @property
    def label(self) -> str:
        """The kind as people read it, such as `deploy token`."""
        return self.value.replace("_", " ")


class Scope(StrEnum):
    """What a token may be used for, in GitLab's words."""

    API = "api"
    READ_API = "read_api"
    READ_PACKAGE_REGISTRY = "read_package_registry"
    WRITE_PACKAGE_REGISTRY = "write_package_registry"


READING = frozenset(
    {
        Permissions.HOME_READ,
        Permissions.INDEX_READ,
        Permissions.INDEX_EXPLAIN,
        Permissions.NAMESPACES_LIST,
        Permissions.GROUP_READ,
        Permissions.PROJECT_READ,
        Permissions.PACKAGE_READ,
        Permissions.PACKAGE_PULL,
        Permissions.USAGE_READ,
        Permissions.MEMBERS_READ,
        Permissions.SELF_READ,
        Permissions.OWN_TOKENS_READ,
        Permissions.TOKENS_READ,
        Permissions.TRUSTED_PUBLISHERS_READ,
        Permissions.PROTECTION_READ,
        Permissions.AUDIT_READ,
        Permissions.USERS_READ,
        Permissions.USER_MEMBERSHIPS_READ,
        Permissions.HEALTH_READ,
    }
)

OF_PACKAGES = frozenset(
    {
        Permissions.INDEX_READ,
        Permissions.PACKAGE_READ,
        Permissions.PACKAGE_PULL,
        Permissions.USAGE_READ,
        Permissions.USAGE_COUNT,
        Permissions.GROUP_USAGE_COUNT,
        Permissions.PACKAGE_PUBLISH,
        Permissions.PACKAGE_YANK,
        Permissions.PACKAGE_SET_STATUS,
        Permissions.PACKAGE_DELETE,
    }
)
"""What nobody may do in a group or project whose package registry is turned off."""

ACCESS_TOKENS = frozenset({CredentialKind.PROJECT_ACCESS_TOKEN, CredentialKind.GROUP_ACCESS_TOKEN})
"""The tokens of bots."""
TOKENS_OF_USERS = ACCESS_TOKENS | {CredentialKind.PERSONAL_ACCESS_TOKEN}
"""The tokens of people and of bots."""

_PEOPLE = frozenset(
    {
        CredentialKind.PERSONAL_ACCESS_TOKEN,
        CredentialKind.PASSWORD,
        CredentialKind.BROWSER_SESSION,
    }
)
_ACCOUNTS = _PEOPLE | ACCESS_TOKENS
_IN_PERSON = frozenset({CredentialKind.PASSWORD, CredentialKind.BROWSER_SESSION})
_ALL = frozenset(CredentialKind)

PERMISSION_CREDENTIALS: dict[Permissions, frozenset[CredentialKind]] = {
    Permissions.NOBODY: frozenset(),
    Permissions.HOME_READ: _ALL,
    Permissions.INDEX_READ: _ALL,
    Permissions.INDEX_EXPLAIN: _ACCOUNTS,
    Permissions.NAMESPACES_LIST: _ACCOUNTS,
    # A bot belongs to a group, and would own another one that outlives it.
    Permissions.GROUP_CREATE: _PEOPLE,
    Permissions.NAMESPACE_CREATE: _ACCOUNTS,
    Permissions.GROUP_READ: _ACCOUNTS,
    Permissions.PROJECT_READ: _ACCOUNTS,
    Permissions.PACKAGE_READ: _ACCOUNTS,
    Permissions.PACKAGE_PULL: _ALL,
    Permissions.USAGE_READ: _ACCOUNTS,
    Permissions.USAGE_COUNT: _ACCOUNTS,
    Permissions.GROUP_USAGE_COUNT: _ACCOUNTS,
    # A page in a browser can be made to send a form anywhere; it must not publish.
    Permissions.PACKAGE_PUBLISH: _ALL - {CredentialKind.BROWSER_SESSION},
    Permissions.PACKAGE_YANK: _ACCOUNTS,
    Permissions.PACKAGE_SET_STATUS: _ACCOUNTS,
    Permissions.PACKAGE_DELETE: _ACCOUNTS,
    Permissions.MEMBERS_READ: _ACCOUNTS,
    Permissions.MEMBERS_LEAVE: _ACCOUNTS,
    Permissions.MEMBERS_MANAGE: _ACCOUNTS,
    Permissions.NAMESPACE_SETTINGS: _ACCOUNTS,
    Permissions.NAMESPACE_TRANSFER: _ACCOUNTS,
    Permissions.NAMESPACE_DELETE: _ACCOUNTS,
    Permissions.SELF_READ: _ACCOUNTS,
    # What a leaked token made would outlive it, and lock its owner out.
    Permissions.SELF_MANAGE: _IN_PERSON,
    Permissions.OWN_TOKENS_READ: _ACCOUNTS,
    Permissions.TOKENS_READ: _ACCOUNTS,
    Permissions.TRUSTED_PUBLISHERS_READ: _ACCOUNTS,
    Permissions.PROTECTION_READ: _ACCOUNTS,
    Permissions.OWN_TOKENS_MANAGE: _ACCOUNTS,
    # What a bot's token made would outlive it: only people make lasting credentials.
    Permissions.ACCESS_TOKENS_MANAGE: _PEOPLE,
    Permissions.DEPLOY_TOKENS_MANAGE: _PEOPLE,
    Permissions.TRUSTED_PUBLISHERS_MANAGE: _PEOPLE,
    Permissions.JOB_TOKENS_CREATE: ACCESS_TOKENS,
    Permissions.PROTECTION_MANAGE: _ACCOUNTS,
    Permissions.AUDIT_READ: _ACCOUNTS,
    Permissions.INSTANCE_SETTINGS: _ACCOUNTS,
    Permissions.USERS_READ: _ACCOUNTS,
    Permissions.USER_MEMBERSHIPS_READ: _ACCOUNTS,
    Permissions.USERS_MANAGE: _PEOPLE,
    Permissions.FOUND_TOKENS_MANAGE: _ACCOUNTS,
    Permissions.HEALTH_READ: _ACCOUNTS,
    Permissions.STORAGE_MIGRATE: _ACCOUNTS,
}
"""Which credentials may carry which permission, whatever their owner may do."""

EVERYTHING = frozenset(Permissions) - {Permissions.NOBODY}

SCOPE_PERMISSIONS: dict[Scope, frozenset[Permissions]] = {
    Scope.API: EVERYTHING,
    Scope.READ_API: READING,
    Scope.READ_PACKAGE_REGISTRY: frozenset(
        {Permissions.HOME_READ, Permissions.INDEX_READ, Permissions.PACKAGE_PULL}
    ),
    Scope.WRITE_PACKAGE_REGISTRY: frozenset({Permissions.PACKAGE_PUBLISH}),
}

API_SCOPES = frozenset({Scope.API, Scope.READ_API})
REGISTRY_SCOPES = frozenset({Scope.READ_PACKAGE_REGISTRY, Scope.WRITE_PACKAGE_REGISTRY})

KIND_SCOPES: dict[CredentialKind, frozenset[Scope]] = {
    CredentialKind.PERSONAL_ACCESS_TOKEN: API_SCOPES,
    CredentialKind.PROJECT_ACCESS_TOKEN: API_SCOPES,
    CredentialKind.GROUP_ACCESS_TOKEN: API_SCOPES,
    CredentialKind.DEPLOY_TOKEN: REGISTRY_SCOPES,
    CredentialKind.JOB_TOKEN: REGISTRY_SCOPES,
    CredentialKind.PASSWORD: frozenset({Scope.API}),
    CredentialKind.BROWSER_SESSION: frozenset({Scope.API}),
}
"""The scopes that a credential of each kind may have."""
