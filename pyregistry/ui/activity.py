"""The audit log as pages show it: what an address asks for, and each event in words."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from markupsafe import Markup
from pyramid.request import Request

from pyregistry.audit.filters import EventFilter, actions_of, moment_of
from pyregistry.audit.services.listing import AuditEvent, events_page
from pyregistry.authnz.permissions import CredentialKind
from pyregistry.errors import Invalid
from pyregistry.events.actions import Action
from pyregistry.http.parameters import optional_day, optional_number
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.packaging.names import normalize_name
from pyregistry.sentences import typed_size
from pyregistry.ui.errors import NoSuchPart
from pyregistry.ui.event_sentences import described, role_label, sentence_of
from pyregistry.ui.forms import query_text

PAGE_LENGTH: Final = 50
FIELDS: Final = ("action", "author", "package", "from", "to")
"""The parameters of the address, as the form names them."""

_LONGEST_TEXT: Final = 300
_LABELS: Final = {
    "access_level": "Role",
    "admin_max_file_size": "Largest file, set by an administrator",
    "admin_storage_limit": "Quota, set by an administrator",
    "anyone_can_pull": "Anyone can pull",
    "anyone_can_pull_allowed": "Projects may let anyone pull",
    "expires_at": "Ends",
    "is_admin": "Administrator",
    "is_blocked": "Blocked",
    "is_external": "External",
    "max_file_size": "Largest file",
    "has_password": "Has a password",
    "packages_enabled": "Package registry",
    "users_create_groups": "People may create groups",
    "package_name_pattern": "Packages",
    "push": "Push asks for",
    "delete": "Delete asks for",
    "full_path": "Path",
    "sha256": "SHA-256",
    "storage_bytes": "Bytes",
    "storage_limit": "Quota",
    "user_id": "Id of the user",
    "username": "User name",
}
"""Where the name in the event says little to people."""

_SIZES: Final = (
    "max_file_size",
    "storage_limit",
    "admin_max_file_size",
    "admin_storage_limit",
)
"""What of an event is a number of bytes."""
ACTION_CHOICES: Final[tuple[tuple[str, tuple[tuple[str, str], ...]], ...]] = tuple(
    (title, tuple((action.value, label) for action, label in actions))
    for title, actions in (
        (
            "Packages",
            (
                (Action.FILE_PUSHED, "Files published"),
                (Action.FILE_PULLED, "Files pulled"),
                (Action.FILE_DELETED, "Files deleted"),
                (Action.RELEASE_DELETED, "Releases deleted"),
                (Action.RELEASE_YANKED, "Releases yanked"),
                (Action.RELEASE_UNYANKED, "Yanks taken back"),
                (Action.PACKAGE_DELETED, "Packages deleted"),
                (Action.PACKAGE_STATUS_SET, "Status of packages set"),
            ),
        ),
        (
            "Members",
            (
                (Action.MEMBER_ADDED, "Members added"),
                (Action.MEMBER_CHANGED, "Roles changed"),
                (Action.MEMBER_REMOVED, "Members removed"),
            ),
        ),
        (
            "Tokens and publishers",
            (
                (Action.TOKEN_CREATED, "Tokens created"),
                (Action.TOKEN_ROTATED, "Tokens rotated"),
                (Action.TOKEN_REVOKED, "Tokens revoked"),
                (Action.TRUSTED_PUBLISHER_ADDED, "Trusted publishers added"),
                (Action.TRUSTED_PUBLISHER_REMOVED, "Trusted publishers removed"),
            ),
        ),
        (
            "Protection",
            (
                (Action.PROTECTION_RULE_ADDED, "Protection rules added"),
                (Action.PROTECTION_RULE_CHANGED, "Protection rules changed"),
                (Action.PROTECTION_RULE_REMOVED, "Protection rules removed"),
                (Action.PREFIX_RESERVED, "Prefixes reserved"),
                (Action.PREFIX_CHANGED, "Reserved prefixes changed"),
                (Action.PREFIX_RELEASED, "Prefixes released"),
            ),
        ),
        (
            "Groups and projects",
            (
                (Action.GROUP_CREATED, "Groups created"),
                (Action.PROJECT_CREATED, "Projects created"),
                (Action.SETTINGS_CHANGED, "Settings changed"),
                (Action.LIMITS_CHANGED, "Limits changed"),
                (Action.VISIBILITY_CHANGED, "Visibility changed"),
                (Action.GROUP_RENAMED, "Groups renamed"),
                (Action.PROJECT_RENAMED, "Projects renamed"),
                (Action.GROUP_TRANSFERRED, "Groups moved"),
                (Action.PROJECT_TRANSFERRED, "Projects moved"),
                (Action.GROUP_DELETED, "Groups deleted"),
                (Action.PROJECT_DELETED, "Projects deleted"),
            ),
        ),
    )
)
"""What one can look for in a group or project: groups of actions, each with its name."""

INSTANCE_CHOICES: Final[tuple[tuple[str, tuple[tuple[str, str], ...]], ...]] = (
    (
        "Users",
        (
            (Action.USER_CREATED.value, "Users created"),
            (Action.USER_CHANGED.value, "Users changed"),
            (Action.USER_DELETED.value, "Users deleted"),
            (Action.SIGNED_IN.value, "Sign-ins"),
            (Action.SESSIONS_ENDED.value, "Browser sessions ended"),
        ),
    ),
    (
        "Storage",
        (
            (Action.STORAGE_MIGRATION_STARTED.value, "Migrations started"),
            (Action.STORAGE_MIGRATION_STOPPED.value, "Migrations stopped"),
        ),
    ),
)
"""What happens in no group: only the page of the instance has it."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that an event tells besides; what it was before, where it changed."""

    label: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """An event in words."""

    event: AuditEvent
    sentence: Markup
    credential: str
    details: list[Detail]


@dataclass(frozen=True, slots=True)
class ShownActivity:
    """A page of events; `next_before` begins the next page, None at the end."""

    events: Sequence[ShownEvent] = ()
    next_before: int | None = None


def chosen_events(request: Request) -> EventFilter:
    """What the fields of the form ask for. Raises `Invalid`."""
    typed = typed_fields(request)
    days = {name: text for name, text in typed.items() if name in ("from", "to") and text}
    first, last = optional_day(days, "from"), optional_day(days, "to")
    if first and last and last < first:
        raise Invalid("The last day (to) must not be before the first one (from).")
    action, package = typed["action"], typed["package"]
    return EventFilter(
        actions=actions_of("action", [action] if action else []),
        author_name=typed["author"] or None,
        package=normalize_name(package) if package else None,
        since=moment_of("from", first.isoformat()) if first else None,
        until=moment_of("to", _day_after(last)) if last and last < date.max else None,
    )


def typed_fields(request: Request) -> dict[str, str]:
    """The fields of the form as the address has them. Raises `Invalid` for what is no text."""
    return {name: query_text(request, name).strip() for name in FIELDS}


def shown_activity(
    request: Request, scope: NamespaceRecord | None, chosen: EventFilter
) -> ShownActivity:
    """The page that the address asks for, of a namespace or (None) of the instance. One query.

    Raises `NoSuchPart` for a wrong `before`.
    """
    before = _before(request)
    found = events_page(request.db, scope, chosen, before_id=before, limit=PAGE_LENGTH + 1)
    shown = found[:PAGE_LENGTH]
    more = len(found) > PAGE_LENGTH
    return ShownActivity([shown_event(event) for event in shown], shown[-1].id if more else None)


def _before(request: Request) -> int | None:
    """The id of the event before which the page begins; None for the first page."""
    before = query_text(request, "before")
    try:
        return optional_number({"before": before or None}, "before")
    except Invalid:
        raise NoSuchPart(before) from None


def shown_event(event: AuditEvent) -> ShownEvent:
    """An event as a page shows it."""
    return ShownEvent(event, sentence_of(event), _credential(event), _details(event))


def export_query(typed: Mapping[str, str], chosen: EventFilter) -> str:
    """The query with which the API gives all of these events as JSON Lines."""
    query = {
        "format": "jsonl",
        "action": typed["action"],
        "author_name": typed["author"],
        "package": typed["package"],
        "created_after": chosen.since.date().isoformat() if chosen.since else "",
        "created_before": chosen.until.date().isoformat() if chosen.until else "",
    }
    return urlencode({name: value for name, value in query.items() if value})


def _credential(event: AuditEvent) -> str:
    """What it was done with, as people read it; empty where with nothing."""
    if event.credential_kind is None:
        return ""
    kind = event.credential_kind.replace("_", " ")
    named = event.credential_name
    # A browser has no name of its own.
    if not named or event.credential_kind == CredentialKind.BROWSER_SESSION:
        return kind
    return f"{kind} {named}"


def _details(event: AuditEvent) -> list[Detail]:
    before, after = described(event, "before"), described(event, "after")
    found = []
    for name in [*before, *(name for name in after if name not in before)]:
        if name in before and name in after:
            if before[name] != after[name]:
                found.append(
                    Detail(_label(name), _text(name, before[name]), _text(name, after[name]))
                )
        else:
            found.append(Detail(_label(name), None, _text(name, {**before, **after}[name])))
    for name, value in event.details.items():
        if name not in ("before", "after"):
            found.append(Detail(_label(name), None, _text(name, value)))
    return found


def _label(name: str) -> str:
    return _LABELS.get(name) or name.replace("_", " ").capitalize()


def _text(name: str, value: Any) -> str:
    """A value of an event on one line."""
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "access_level":
        return role_label(value)
    if name in _SIZES and isinstance(value, int):
        return typed_size(value)
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        text = ", ".join(value) or "none"
    elif isinstance(value, str):
        text = value
    else:
        text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


def _day_after(day: date) -> str:
    return (day + timedelta(days=1)).isoformat()
