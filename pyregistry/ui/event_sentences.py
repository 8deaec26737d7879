"""Events in words: who did what to whom, as a sentence of text that is safe in a page.

Whatever people chose (names, files, paths) stands in `<bdi>`. What an event does not tell is
`something`, and an action that is not known here is called by its name: events are kept for
longer than any version of this table.
"""

from collections.abc import Mapping
from typing import Any, Final

from markupsafe import Markup

from pyregistry.audit.services.listing import AuditEvent
from pyregistry.authnz.identity import COMMAND_LINE, TRUSTED_PUBLISHER
from pyregistry.authnz.permissions import CredentialKind
from pyregistry.authnz.roles import Role
from pyregistry.events.actions import Action

_SENTENCES: Final[dict[str, Markup]] = {
    Action.FILE_PUSHED: Markup("{who} published {filename} of {package} {version}"),
    Action.FILE_PULLED: Markup("{who} pulled {filename} of {package} {version}"),
    Action.FILE_DELETED: Markup("{who} deleted the file {filename} of {package} {version}"),
    Action.RELEASE_DELETED: Markup("{who} deleted {package} {version}"),
    Action.RELEASE_YANKED: Markup("{who} yanked {package} {version}"),
    Action.RELEASE_UNYANKED: Markup("{who} took back the yank of {package} {version}"),
    Action.PACKAGE_DELETED: Markup("{who} deleted {package} with everything in it"),
    Action.PACKAGE_STATUS_SET: Markup("{who} marked {package} as {status}"),
    Action.MEMBER_ADDED: Markup("{who} added {whom} as {role}"),
    Action.MEMBER_CHANGED: Markup("{who} changed the role of {whom} to {role}"),
    Action.MEMBER_REMOVED: Markup("{who} removed {whom}, who was {role}"),
    Action.VISIBILITY_CHANGED: Markup("{who} made {place} {visibility}"),
    Action.SETTINGS_CHANGED: Markup("{who} changed the settings of {place}"),
    Action.LIMITS_CHANGED: Markup("{who} changed the limits of {place}"),
    Action.TOKEN_CREATED: Markup("{who} created the {kind} {name}"),
    Action.TOKEN_ROTATED: Markup("{who} rotated the {kind} {name}"),
    Action.TOKEN_REVOKED: Markup("{who} revoked the {kind} {name}"),
    Action.TRUSTED_PUBLISHER_ADDED: Markup("{who} let the trusted publisher {name} in"),
    Action.TRUSTED_PUBLISHER_REMOVED: Markup("{who} removed the trusted publisher {name}"),
    Action.PROTECTION_RULE_ADDED: Markup("{who} protected the packages {pattern}"),
    Action.PROTECTION_RULE_CHANGED: Markup(
        "{who} changed the protection of the packages {pattern}"
    ),
    Action.PROTECTION_RULE_REMOVED: Markup(
        "{who} removed the protection of the packages {pattern}"
    ),
    Action.PREFIX_RESERVED: Markup("{who} reserved the prefix {prefix}"),
    Action.PREFIX_CHANGED: Markup("{who} changed who may use the prefix {prefix}"),
    Action.PREFIX_RELEASED: Markup("{who} released the prefix {prefix}"),
    Action.GROUP_CREATED: Markup("{who} created the group {place}"),
    Action.PROJECT_CREATED: Markup("{who} created the project {place}"),
    Action.GROUP_RENAMED: Markup("{who} renamed the group {old_path} to {new_path}"),
    Action.PROJECT_RENAMED: Markup("{who} renamed the project {old_path} to {new_path}"),
    Action.GROUP_TRANSFERRED: Markup("{who} moved the group {old_path} to {new_path}"),
    Action.PROJECT_TRANSFERRED: Markup("{who} moved the project {old_path} to {new_path}"),
    Action.GROUP_DELETED: Markup("{who} deleted the group {place}"),
    Action.PROJECT_DELETED: Markup("{who} deleted the project {place}"),
    Action.USER_CREATED: Markup("{who} created the user {whom}"),
    Action.USER_CHANGED: Markup("{who} changed the user {whom}"),
    Action.USER_DELETED: Markup("{who} deleted the user {whom}"),
    Action.SIGNED_IN: Markup("{who} signed in"),
    Action.STORAGE_MIGRATION_STARTED: Markup("{who} had all files moved to the storage {storage}"),
    Action.STORAGE_MIGRATION_STOPPED: Markup(
        "{who} stopped the moving of files to the storage {storage}"
    ),
    Action.SESSIONS_ENDED: Markup("{who} signed out of other browsers"),
}
_LEFT: Final = Markup("{who} left, who was {role}")
_BLOCKED: Final = Markup("{who} blocked {whom}")
_UNBLOCKED: Final = Markup("{who} let {whom} in again")
_UNKNOWN: Final = Markup("{who}: {action}")

_NOTHING: Final = Markup("something")
_DEPLOY_TOKEN: Final = Markup("The deploy token ")


def sentence_of(event: AuditEvent) -> Markup:
    """The event in a sentence, without a full stop. It never fails, whatever was recorded."""
    return _form_of(event).format_map(_Words(event))


def role_label(level: Any) -> str:
    """What a role is called, or the number that is none."""
    try:
        return Role(level).label
    except ValueError:
        return str(level)


def described(event: AuditEvent, when: str) -> Mapping[str, Any]:
    """How something was `before` or `after`; empty where the event does not say."""
    found = event.details.get(when)
    return found if isinstance(found, dict) else {}


def _form_of(event: AuditEvent) -> Markup:
    before, after = described(event, "before"), described(event, "after")
    if event.action == Action.MEMBER_REMOVED and _is_by_themselves(event):
        return _LEFT
    if event.action == Action.USER_CHANGED:
        was, now = before.get("is_blocked"), after.get("is_blocked")
        if was != now:
            return _BLOCKED if now else _UNBLOCKED
    return _SENTENCES.get(event.action, _UNKNOWN)


def _is_by_themselves(event: AuditEvent) -> bool:
    return event.actor_id is not None and event.details.get("user_id") == event.actor_id


class _Words(dict[str, Markup]):
    """The words of an event by the names that sentences have for them."""

    def __init__(self, event: AuditEvent) -> None:
        before, after = described(event, "before"), described(event, "after")
        latest = {**before, **after}
        level = latest.get("access_level")
        words = {
            "action": event.action,
            "filename": event.filename,
            "package": event.package,
            "version": event.version,
            "storage": event.details.get("storage"),
            "whom": event.details.get("username"),
            "name": event.details.get("name"),
            "kind": str(event.details.get("kind", "token")).replace("_", " "),
            "place": event.namespace_path or "the registry",
            "role": None if level is None else role_label(level),
            "status": latest.get("status"),
            "visibility": latest.get("visibility"),
            "pattern": latest.get("package_name_pattern"),
            "prefix": latest.get("prefix"),
            "old_path": before.get("full_path"),
            "new_path": after.get("full_path"),
        }
        super().__init__({name: _isolated(text) for name, text in words.items() if text})
        self["who"] = _who(event)

    def __missing__(self, name: str) -> Markup:
        return _NOTHING


def _who(event: AuditEvent) -> Markup:
    if event.actor_name:
        name = _isolated(event.actor_name)
        # It may be called as a user is.
        return (
            _DEPLOY_TOKEN + name if event.credential_kind == CredentialKind.DEPLOY_TOKEN else name
        )
    if event.credential_kind == COMMAND_LINE:
        return Markup("The command line")
    if event.credential_kind == TRUSTED_PUBLISHER:
        return Markup("A trusted publisher")
    return Markup("Somebody without an account")


def _isolated(text: object) -> Markup:
    """What people chose, which must not change the direction of the words around it."""
    return Markup("<bdi>{}</bdi>").format(str(text))
