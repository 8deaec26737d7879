"""Who is asking, and with which credential."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from pyregistry.authnz.permissions import CredentialKind, Scope
from pyregistry.authnz.roles import Role

ADMINISTRATORS = "administrators"
INTERNAL_USERS = "internal-users"
"""Every signed-in user who is not external."""


def member_principal(namespace_id: int, role: Role) -> str:
    """The principal of those who have exactly `role` in one namespace."""
    return f"member:{namespace_id}:{int(role)}"


def visitor_principal(namespace_id: int) -> str:
    """The principal of those who are members of something inside a group.

    They must see the group to find the way, and nothing else of it.
    """
    return f"visitor:{namespace_id}"


@dataclass(frozen=True, slots=True)
class Credential:
    """What the caller presented: its kind, name and scopes, never its secret."""

    kind: CredentialKind
    id: int
    name: str
    scopes: frozenset[Scope]
    build_id: int | None = None
    """Of a job token: the build that the job belongs to."""


@dataclass(frozen=True, slots=True)
class Authority:
    """As what a caller acts in one group or project, for rules that ask for a certain role."""

    role: Role | None
    is_admin: bool
    credential_kind: CredentialKind

    def reaches(self, level: int) -> bool:
        """Whether the role is at least `level`; only administrators are above every role."""
        return self.is_admin or (self.role is not None and self.role >= level)


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller who has proved who they are, with all principals, loaded once a request.

    Deploy tokens and job tokens are no user's: they act in the namespace `namespace_id`.
    """

    user_id: int | None
    username: str
    is_admin: bool
    is_external: bool
    credential: Credential
    principals: frozenset[str] = field(repr=False)
    namespace_id: int | None = None
    ends_at: datetime | None = None
    """Until when all of this holds by itself: then the credential or a membership expires."""

    def role_in(self, namespace_ids: Iterable[int]) -> Role | None:
        """The highest role in any of the namespaces: a project and the groups above it."""
        held = [
            role
            for namespace_id in namespace_ids
            for role in Role
            if member_principal(namespace_id, role) in self.principals
        ]
        return max(held, default=None)

    def authority_in(self, namespace_ids: Iterable[int]) -> Authority:
        """As what they act in a group or project, given its id and those of the groups above."""
        return Authority(self.role_in(namespace_ids), self.is_admin, self.credential.kind)


@dataclass(frozen=True, slots=True)
class Viewer:
    """As much of the caller as a query needs to choose what they may read.

    Whoever is no user may read everything in the namespace `namespace_id`, where that is given.
    """

    user_id: int | None
    is_admin: bool
    is_internal: bool
    now: datetime
    namespace_id: int | None = None

    @classmethod
    def of(cls, identity: Identity | None, now: datetime) -> "Viewer":
        """The viewer that an identity (or nobody) is."""
        if identity is None:
            return cls(None, is_admin=False, is_internal=False, now=now)
        return cls(
            identity.user_id,
            is_admin=identity.is_admin,
            is_internal=not identity.is_external,
            now=now,
            namespace_id=identity.namespace_id,
        )


COMMAND_LINE = "command_line"
"""What events call the credential of who runs commands on the registry's machine."""
TRUSTED_PUBLISHER = "trusted_publisher"
"""What events call the credential of a job whose ID token was exchanged."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something, as events record it. All None: nobody who signed in."""

    user_id: int | None = None
    username: str | None = None
    credential_kind: str | None = None
    credential_name: str | None = None
    address: str | None = None
    user_agent: str | None = None
    build_id: int | None = None


def principals_of(
    *, is_admin: bool, is_external: bool, roles: dict[int, Role], visited: set[int]
) -> frozenset[str]:
    """Every principal of a user: the instance's, and those of memberships.

    `roles` maps the id of a namespace to the role there; `visited` holds the
    ids of the groups above any of these.
    """
    principals = {member_principal(namespace, role) for namespace, role in roles.items()}
    principals.update(visitor_principal(namespace) for namespace in visited)
    if is_admin:
        principals.add(ADMINISTRATORS)
    if not is_external:
        principals.add(INTERNAL_USERS)
    return frozenset(principals)
