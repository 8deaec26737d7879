"""Trusted publishers of projects."""

from pyregistry.api.openapi.operations import GONE, Operation, Subject, creates, lists, shows
from pyregistry.api.openapi.parameters import PAGES, body
from pyregistry.api.openapi.schemas import ANYTHING, ID, MOMENT, TEXT, mapping, record
from pyregistry.resources.api_trusted_publishers import ApiTrustedPublisher, ApiTrustedPublishers

PUBLISHER = record(
    "TrustedPublisher",
    "The issuer and the claims of the ID tokens whose jobs may publish.",
    id=ID,
    name=TEXT,
    issuer=TEXT,
    claims=mapping(ANYTHING),
    created_at=MOMENT,
)
_ONE = "/projects/{id}/trusted_publishers/{publisher_id}"

SUBJECT = Subject(
    "Trusted publishers",
    "Jobs that publish without a stored secret.",
    (
        Operation(
            "GET",
            "/projects/{id}/trusted_publishers",
            ApiTrustedPublishers,
            "List the trusted publishers of a project",
            who="Maintainer",
            query=PAGES,
            answer=lists(PUBLISHER, "Trusted publishers, oldest first."),
        ),
        Operation(
            "GET",
            _ONE,
            ApiTrustedPublisher,
            "Show a trusted publisher",
            who="Maintainer",
            answer=shows(PUBLISHER),
        ),
        Operation(
            "POST",
            "/projects/{id}/trusted_publishers",
            ApiTrustedPublishers,
            "Trust jobs",
            who="Maintainer",
            body=body(
                ("name", "issuer", "claims"),
                name={"type": "string"},
                issuer={"type": "string"},
                claims=mapping(ANYTHING),
            ),
            answer=creates(PUBLISHER),
        ),
        Operation(
            "DELETE",
            _ONE,
            ApiTrustedPublisher,
            "Trust jobs no longer",
            who="Maintainer",
            description="The job tokens that they were given are revoked.",
            answer=GONE,
        ),
    ),
)
