"""The reasons why an index shows a file or hides it: a code for programs, a sentence for people."""

from dataclasses import dataclass
from enum import StrEnum

from pyregistry.authnz.roles import READER_ROLE, Role
from pyregistry.namespaces.models import Visibility
from pyregistry.packaging.models import PackageStatus


class Code(StrEnum):
    """Why a file is shown, why it is hidden, and what is to be known of it besides."""

    ADMINISTRATOR = "administrator"
    VISIBILITY_PUBLIC = "visibility_public"
    VISIBILITY_INTERNAL = "visibility_internal"
    ANYONE_CAN_PULL = "anyone_can_pull"
    ROLE = "role"
    TOKEN = "token"  # noqa: S105 -- the name of a reason
    PROJECT_NOT_VISIBLE = "project_not_visible"
    ROLE_TOO_LOW = "role_too_low"
    USER_BLOCKED = "user_blocked"
    REGISTRY_TURNED_OFF = "registry_turned_off"
    QUARANTINED = "quarantined"
    SHADOWED = "shadowed"
    YANKED = "yanked"
    ARCHIVED = "archived"
    DEPRECATED = "deprecated"
    REQUIRES_PYTHON = "requires_python"
    PROTECTED = "protected"


ADMITTING = frozenset(
    {
        Code.ADMINISTRATOR,
        Code.VISIBILITY_PUBLIC,
        Code.VISIBILITY_INTERNAL,
        Code.ANYONE_CAN_PULL,
        Code.ROLE,
        Code.TOKEN,
    }
)
"""Each of them alone lets somebody pull from the project."""

HIDING = frozenset(
    {
        Code.PROJECT_NOT_VISIBLE,
        Code.ROLE_TOO_LOW,
        Code.USER_BLOCKED,
        Code.REGISTRY_TURNED_OFF,
        Code.QUARANTINED,
        Code.SHADOWED,
    }
)
"""Each of them alone hides the file."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; `sentence` is for people."""

    code: Code
    sentence: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether somebody may pull from a project."""

    is_admin: bool
    is_internal: bool
    is_blocked: bool
    holds_token: bool
    """Whether they are a token of the project, or of a group above it."""
    role: Role | None
    """The highest one in the project, those from the groups above included."""
    visibility: Visibility
    pulls_open: bool


def of_access(standing: Standing) -> list[Reason]:
    """Why somebody may pull from a project: every reason; else why they may not."""
    if standing.is_blocked:
        return [Reason(Code.USER_BLOCKED, "The user is blocked: none of their credentials works.")]
    admitting = list(_admitting(standing))
    if admitting:
        return admitting
    if standing.role is not None:
        sentence = f"The role {standing.role.label} is too low: it takes {READER_ROLE.label}."
        return [Reason(Code.ROLE_TOO_LOW, sentence)]
    sentence = f"The project is {standing.visibility}: it takes a role in it."
    return [Reason(Code.PROJECT_NOT_VISIBLE, sentence)]


def _admitting(standing: Standing) -> list[Reason]:
    role = standing.role
    found = {
        Code.ADMINISTRATOR: standing.is_admin,
        Code.VISIBILITY_PUBLIC: standing.visibility is Visibility.PUBLIC,
        Code.VISIBILITY_INTERNAL: standing.visibility is Visibility.INTERNAL
        and standing.is_internal,
        Code.ANYONE_CAN_PULL: standing.pulls_open,
        Code.ROLE: role is not None and role >= READER_ROLE,
        Code.TOKEN: standing.holds_token,
    }
    sentences = {
        Code.ADMINISTRATOR: "An administrator of the instance may pull everything.",
        Code.VISIBILITY_PUBLIC: "The project is public.",
        Code.VISIBILITY_INTERNAL: "The project is internal: users who are not external may pull.",
        Code.ANYONE_CAN_PULL: "The project lets anyone pull.",
        Code.ROLE: f"The role {role.label} in the project suffices." if role else "",
        Code.TOKEN: "A token of the project, or of a group above it, may pull.",
    }
    return [Reason(code, sentences[code]) for code, holds in found.items() if holds]


def of_turning_off(places: list[str], *, of_instance: bool) -> Reason:
    """The package registry is turned off in these places, or for the whole instance."""
    where = [f"for {place}" for place in places] + ["for the instance"] * of_instance
    sentence = f"The package registry is turned off {' and '.join(where)}."
    return Reason(Code.REGISTRY_TURNED_OFF, sentence)


def of_shadow(project_path: str) -> Reason:
    """Another project's file of the same name came first."""
    sentence = (
        f"{project_path} holds a file of the same name that was uploaded first, and an index "
        "shows only that."
    )
    return Reason(Code.SHADOWED, sentence)


def of_status(status: PackageStatus, reason: str | None) -> list[Reason]:
    """What the status of the package does (PEP 792)."""
    effects = {
        PackageStatus.QUARANTINED: "no index offers its files",
        PackageStatus.ARCHIVED: "it takes no uploads, and its files are offered",
        PackageStatus.DEPRECATED: "its files are offered",
    }
    if status not in effects:
        return []
    sentence = f"The package is {status}: {effects[status]}{_because(reason)}."
    return [Reason(Code(status.value), sentence)]


def of_yanking(reason: str | None) -> Reason:
    """The release is yanked (PEP 592)."""
    sentence = (
        "The release is yanked: installers take it only where its very version is asked for"
        f"{_because(reason)}."
    )
    return Reason(Code.YANKED, sentence)


def of_python(specifier: str) -> Reason:
    """The file is for some versions of Python only."""
    sentence = f"Installers pass it over unless their Python is {specifier}."
    return Reason(Code.REQUIRES_PYTHON, sentence)


def of_protection(pattern: str, who: str) -> Reason:
    """A rule protects the name: that hides nothing, and refuses uploads."""
    sentence = f"A rule protects the names {pattern} here: only {who} can push such a package."
    return Reason(Code.PROTECTED, sentence)


def _because(reason: str | None) -> str:
    return f" ({reason})" if reason else ""
