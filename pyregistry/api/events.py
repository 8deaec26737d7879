"""Events in the shape of GitLab's audit events, as JSON and as JSON Lines."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from pyregistry.api.presenters import present_time
from pyregistry.audit.services.listing import AuditEvent
from pyregistry.namespaces.models import NamespaceKind

_ENTITY_TYPES = {NamespaceKind.GROUP: "Group", NamespaceKind.PROJECT: "Project"}
_USER_DETAIL = "user_id"


def present_event(event: AuditEvent) -> dict[str, Any]:
    """An event as GitLab's audit event, and what it leaves out beside that."""
    details = dict(event.details)
    before, after = details.pop("before", None), details.pop("after", None)
    entity_type, entity_id = _entity(event)
    return {
        "id": event.id,
        "author_id": event.actor_id,
        "entity_id": entity_id,
        "entity_type": entity_type,
        "event_name": event.action.replace(".", "_"),
        "details": {
            **details,
            "author_name": event.actor_name,
            "ip_address": event.address,
            "entity_path": event.namespace_path,
        },
        "created_at": present_time(event.occurred_at),
        "action": event.action,
        "author_name": event.actor_name,
        "credential_kind": event.credential_kind,
        "credential_name": event.credential_name,
        "address": event.address,
        "user_agent": event.user_agent,
        "namespace_path": event.namespace_path,
        "package": event.package,
        "version": event.version,
        "filename": event.filename,
        "before": before,
        "after": after,
    }


def event_lines(batches: Iterable[list[AuditEvent]]) -> Iterator[str]:
    """JSON Lines: one object in ASCII on each line, the line's end included; a text a batch."""
    for batch in batches:
        yield "".join(json.dumps(present_event(event)) + "\n" for event in batch)


def _entity(event: AuditEvent) -> tuple[str | None, int | None]:
    """What it happened to, in GitLab's words; of a namespace that is gone only the path is left."""
    if event.namespace_kind is not None:
        return _ENTITY_TYPES[event.namespace_kind], event.namespace_id
    if event.namespace_path is not None:
        return None, None
    if _USER_DETAIL in event.details:
        return "User", event.details[_USER_DETAIL]
    return "Instance", None
