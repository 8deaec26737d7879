"""What the statement says that a caller must be answered."""

from dataclasses import dataclass

from tests.policy.endpoints import NO_SUCH, Endpoint
from tests.policy.statement import (
    ADMINISTRATOR,
    ANY_USER,
    ANYONE,
    CREDENTIALS,
    GROUP_IS,
    IN_A_GROUP,
    IN_A_PROJECT,
    IN_THE_INSTANCE,
    INTERNAL,
    PROJECT_IS,
    ROLES,
    SEEING,
    SIGNED_IN,
    VISITOR,
)

HIDDEN = "404 as if it did not exist"
UNAUTHORIZED, FORBIDDEN = "401", "403"


@dataclass(frozen=True)
class Setting:
    """How visible the group and the project of a registry are."""

    project: str
    group: str

    @property
    def name(self) -> str:
        """What the setting is called in the names of tests."""
        return f"{self.project} in {self.group}".replace(" ", "-")


@dataclass(frozen=True)
class Standing:
    """What somebody is in the registry, whatever credential they send."""

    in_project: str | None = None
    """The highest role in the project, from wherever it comes."""
    in_group: str | None = None
    visits_group: bool = False
    is_signed_in: bool = True
    is_user: bool = True
    is_internal: bool = False
    is_administrator: bool = False
    own_role_in: str | None = None
    """Whether the role is one in the project or in the group itself: only that can be left."""


NOBODY = Standing(is_signed_in=False, is_user=False)


def expected(standing: Standing, credential: str, setting: Setting, endpoint: Endpoint) -> str:
    """The answer to a caller who sends a right credential, or nothing."""
    carries = endpoint.action in CREDENTIALS[credential]
    if endpoint.action == "find in the index":
        # A page of an index that the caller may read: what they may not pull is not on it.
        pulls = _pulls(standing, setting)
        if carries and not pulls and _sees(standing, setting, endpoint):
            return str(NO_SUCH)
        allowed = pulls
    else:
        allowed = may(standing, setting, endpoint.place, endpoint.action)
    if allowed and carries:
        if endpoint.action == "leave" and standing.own_role_in != endpoint.place:
            return str(NO_SUCH)
        return str(endpoint.status)
    if endpoint.action == "fetch by the index" and not allowed:
        # What the caller may not pull is not there, for whoever may ask.
        return HIDDEN if _sees(standing, setting, endpoint) else _unseen(standing)
    if not standing.is_signed_in:
        return UNAUTHORIZED
    sees = allowed or _sees(standing, setting, endpoint)
    return FORBIDDEN if sees else HIDDEN


def may(standing: Standing, setting: Setting, place: str, action: str) -> bool:
    """Whether the standing, or the visibility, gives somebody an action."""
    if action == "read the index":
        return _pulls(standing, setting) or _sees_place(standing, setting, place)
    if action == "fetch by the index":
        return _pulls(standing, setting)
    if place == "project":
        row = IN_A_PROJECT[action]
        level, role = row[PROJECT_IS.index(setting.project)], standing.in_project
    elif place == "group":
        row = IN_A_GROUP[action]
        level, role = row[GROUP_IS.index(setting.group)], standing.in_group
    else:
        return _is(standing, IN_THE_INSTANCE[action], None)
    # A member may at least what they may in a private place.
    return _is(standing, level, role) or _is(standing, row[0], role)


def _is(standing: Standing, level: str, role: str | None) -> bool:
    if standing.is_administrator or level == ANYONE:
        return True
    if level in ROLES:
        return role is not None and ROLES.index(role) >= ROLES.index(level)
    return {
        INTERNAL: standing.is_internal,
        VISITOR: standing.visits_group or role is not None,
        ANY_USER: standing.is_user,
        SIGNED_IN: standing.is_signed_in,
        ADMINISTRATOR: False,
    }[level]


def _pulls(standing: Standing, setting: Setting) -> bool:
    return may(standing, setting, "project", "pull")


def _sees_place(standing: Standing, setting: Setting, place: str) -> bool:
    if place == "instance":
        return standing.is_signed_in
    return any(may(standing, setting, place, action) for action in SEEING[place])


def _sees(standing: Standing, setting: Setting, endpoint: Endpoint) -> bool:
    return _sees_place(standing, setting, endpoint.place)


def _unseen(standing: Standing) -> str:
    return HIDDEN if standing.is_signed_in else UNAUTHORIZED
