"""Moving groups and projects, and deleting them."""

from pyregistry.api.openapi.operations import Answer, Operation, Subject, creates, lists, shows
from pyregistry.api.openapi.parameters import PAGES, body, query
from pyregistry.api.openapi.schemas import ID, TEXT, constant, record
from pyregistry.api.openapi.sent import SENT_LABEL
from pyregistry.api.openapi.subjects.namespaces import GROUP, PROJECT
from pyregistry.resources.api import ApiGroup, ApiProject
from pyregistry.resources.api_moves import (
    ApiGroupTransfer,
    ApiProjectTransfer,
    ApiTransferLocations,
)

ACCEPTED = record("Accepted", "It was done.", message=constant("202 Accepted"))
LOCATION = record(
    "TransferLocation",
    "A group that something can be moved into.",
    id=ID,
    name=TEXT,
    path=TEXT,
    full_path=TEXT,
)
_DELETED = Answer(202, "It is deleted, at once.", {"application/json": ACCEPTED})
_NAMED = {
    "type": ["string", "integer"],
    "minLength": 1,
    "description": "The group that it goes into: its number or its path.",
}
_NAMED_OR_TOP = {
    **SENT_LABEL,
    "description": "The group that it goes into: its number or its path. Without it, the top "
    "level.",
    "example": "1",
}

SUBJECT = Subject(
    "Moving and deleting",
    "Groups and projects go elsewhere, and their old paths lead on.",
    (
        Operation(
            "PUT",
            "/projects/{id}/transfer",
            ApiProjectTransfer,
            "Move a project into a group",
            who="Owner, and Maintainer of that group",
            body=body(("namespace",), namespace=_NAMED),
            answer=shows(PROJECT, "The project where it is now."),
        ),
        Operation(
            "POST",
            "/groups/{id}/transfer",
            ApiGroupTransfer,
            "Move a group into another, or to the top level",
            who="Owner, and Maintainer of that group",
            body=body(group_id=_NAMED_OR_TOP),
            answer=creates(GROUP, "The group where it is now."),
        ),
        Operation(
            "GET",
            ".../transfer_locations",
            ApiTransferLocations,
            "List the groups to which it can be moved",
            who="Owner",
            query=(
                *PAGES,
                query("search", TEXT, "Only those with this in their name or path."),
            ),
            answer=lists(LOCATION),
        ),
        Operation(
            "DELETE",
            "/projects/{id}",
            ApiProject,
            "Delete a project with everything in it",
            who="Owner",
            answer=_DELETED,
        ),
        Operation(
            "DELETE",
            "/groups/{id}",
            ApiGroup,
            "Delete a group with everything in it",
            who="Owner",
            answer=_DELETED,
        ),
    ),
)
