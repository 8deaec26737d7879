"""The audit log."""

from pyregistry.api.openapi.operations import Answer, Operation, Subject, shows
from pyregistry.api.openapi.parameters import PER_PAGE, query
from pyregistry.api.openapi.schemas import (
    ANYTHING,
    ID,
    MOMENT,
    NUMBER,
    TEXT,
    array,
    constant,
    described,
    mapping,
    nullable,
    record,
    words,
)
from pyregistry.events.actions import Action
from pyregistry.resources.api_events import ApiAuditEvent, ApiAuditEvents

EVENT = record(
    "AuditEvent",
    "One thing that was done.",
    id=ID,
    author_id=nullable(ID),
    entity_id=nullable(ID),
    entity_type=nullable(words(("Group", "Project", "User", "Instance"))),
    event_name=TEXT,
    details=mapping(ANYTHING),
    created_at=MOMENT,
    action=words(Action),
    author_name=nullable(TEXT),
    credential_kind=nullable(TEXT),
    credential_name=nullable(TEXT),
    address=nullable(TEXT),
    user_agent=nullable(TEXT),
    namespace_path=nullable(TEXT),
    package=nullable(TEXT),
    version=nullable(TEXT),
    filename=nullable(TEXT),
    before=ANYTHING,
    after=ANYTHING,
)
_MOMENT = "ISO 8601, in UTC unless it says otherwise."
_QUERY = (
    PER_PAGE,
    query("action", TEXT, "Only these: `member.added`; several with commas; `member.` for all."),
    query("action[]", array(TEXT), "The same, one each time."),
    query("author_id", NUMBER, "Only those of this user."),
    query("author_name", TEXT, "Only those of whoever has this name."),
    query("package", TEXT, "Only those of the package with this name."),
    query("namespace_path", TEXT, "Only those of this group or project with everything in it."),
    query("credential_kind", TEXT, "Only those done with a credential of this kind."),
    query("created_after", TEXT, f"Only those from this moment on. {_MOMENT}"),
    query("created_before", TEXT, f"Only those before this moment. {_MOMENT}"),
    query("before_id", NUMBER, "Only those before the event with this number."),
    query("cursor", NUMBER, "The same, as `Link` says it."),
    query("format", words(("json", "jsonl", "ndjson")), "What is answered, whatever `Accept`."),
    query("page", constant("1"), "There is no other one: pages go by key."),
    query("pagination", constant("keyset"), "There is no other way."),
    query("order_by", constant("id"), "There is no other order."),
    query("sort", constant("desc"), "There is no other order."),
)
_EVENTS = Answer(
    200,
    "Events, newest first: a page of JSON, or all as JSON Lines.",
    {
        "application/json": array(EVENT),
        "application/jsonl": TEXT,
        "application/x-ndjson": TEXT,
    },
    {"Link": described(TEXT, "The address of the next page, where there is one.")},
)


def _operations(place: str, who: str) -> tuple[Operation, Operation]:
    return (
        Operation(
            "GET",
            f"{place}/audit_events",
            ApiAuditEvents,
            "List events",
            who=who,
            query=_QUERY,
            answer=_EVENTS,
        ),
        Operation(
            "GET",
            f"{place}/audit_events/{{event_id}}",
            ApiAuditEvent,
            "Show an event",
            who=who,
            answer=shows(EVENT),
        ),
    )


SUBJECT = Subject(
    "Audit events",
    "Who did what, when and with which credential.",
    (*_operations("", "administrator"), *_operations("...", "Owner")),
)
