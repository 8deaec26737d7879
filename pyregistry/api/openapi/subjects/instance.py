"""The instance itself."""

from pyregistry.api.openapi.operations import Answer, Operation, Subject, shows
from pyregistry.api.openapi.parameters import at_least_one_of, body
from pyregistry.api.openapi.schemas import (
    ANYTHING,
    FLAG,
    TEXT,
    constant,
    described,
    mapping,
    record,
)
from pyregistry.api.openapi.sent import SENT_FLAG
from pyregistry.resources.api_instance import (
    ApiDocument,
    ApiInstanceSettings,
    ApiMetadata,
    ApiVersion,
)

SETTINGS = record(
    "InstanceSettings",
    "What administrators decide for the whole instance.",
    packages_enabled=FLAG,
    package_registry_allow_anyone_to_pull_option=FLAG,
)
VERSION = record("Version", "Which version this is.", version=TEXT, revision=TEXT)
METADATA = record(
    "Metadata",
    "The version, with what GitLab's clients expect beside it.",
    version=TEXT,
    revision=TEXT,
    enterprise=constant(False),
)
_SWITCHES = {
    "packages_enabled": SENT_FLAG,
    "package_registry_allow_anyone_to_pull_option": SENT_FLAG,
}
_ETAG = {"ETag": described(TEXT, "The entity-tag of the document.")}

SUBJECT = Subject(
    "Instance",
    "The registry itself.",
    (
        Operation(
            "GET",
            "/version",
            ApiVersion,
            "Show the version",
            who="any account, bots too",
            answer=shows(VERSION),
        ),
        Operation(
            "GET",
            "/metadata",
            ApiMetadata,
            "Show the version, as newer clients ask for it",
            who="any account, bots too",
            answer=shows(METADATA),
        ),
        Operation(
            "GET",
            "/application/settings",
            ApiInstanceSettings,
            "Show the settings of the instance",
            who="administrator",
            answer=shows(SETTINGS),
        ),
        Operation(
            "PUT",
            "/application/settings",
            ApiInstanceSettings,
            "Change the settings of the instance",
            who="administrator",
            body=body(rules=at_least_one_of(_SWITCHES), **_SWITCHES),
            answer=shows(SETTINGS, "The settings as they are now."),
        ),
        Operation(
            "GET",
            "/openapi.json",
            ApiDocument,
            "Show this document",
            who="anyone",
            answer=Answer(
                200, "OpenAPI 3.1.", {"application/json": mapping(ANYTHING)}, headers=_ETAG
            ),
            further=(Answer(304, "The client holds it.", headers=_ETAG),),
        ),
    ),
)
