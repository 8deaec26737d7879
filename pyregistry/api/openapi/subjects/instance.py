"""The instance itself."""

from pyregistry.api.openapi.operations import Answer, Operation, Subject, shows
from pyregistry.api.openapi.parameters import at_least_one_of, body
from pyregistry.api.openapi.schemas import (
    ANYTHING,
    COUNT,
    FLAG,
    TEXT,
    attributes,
    constant,
    described,
    mapping,
    nullable,
    record,
    words,
)
from pyregistry.api.openapi.sent import SENT_FLAG, SENT_SIZE
from pyregistry.resources.api_instance import (
    ApiDocument,
    ApiHealth,
    ApiInstanceSettings,
    ApiMetadata,
    ApiVersion,
)

SETTINGS = record(
    "InstanceSettings",
    "What administrators decide for the whole instance.",
    packages_enabled=FLAG,
    package_registry_allow_anyone_to_pull_option=FLAG,
    can_create_group=FLAG,
    pypi_max_file_size=nullable(COUNT),
    storage_size_limit=nullable(COUNT),
    storage_size=COUNT,
)
VERSION = record("Version", "Which version this is.", version=TEXT, revision=TEXT)
METADATA = record(
    "Metadata",
    "The version, with what GitLab's clients expect beside it.",
    version=TEXT,
    revision=TEXT,
    kas=attributes(
        enabled=constant(False),
        externalUrl=constant(None),
        externalK8sProxyUrl=constant(None),
        version=constant(None),
    ),
    enterprise=constant(False),
)
HEALTH = record(
    "Health",
    "How the registry is.",
    status=words(("ok", "failed")),
    version=TEXT,
    python_version=TEXT,
    uptime_seconds=COUNT,
    database=attributes(
        kind=TEXT,
        problem=nullable(TEXT),
        schema_revision=nullable(TEXT),
        expected_schema_revision=TEXT,
    ),
    storage=attributes(kind=TEXT, problem=nullable(TEXT), free_bytes=nullable(COUNT)),
    recorder=attributes(backlog=COUNT),
    throttle=attributes(storage_reachable=FLAG),
    counts=attributes(
        users=COUNT,
        groups=COUNT,
        projects=COUNT,
        packages=COUNT,
        files=COUNT,
        storage_bytes=COUNT,
    ),
)
_SETTINGS = {
    "packages_enabled": SENT_FLAG,
    "package_registry_allow_anyone_to_pull_option": SENT_FLAG,
    "can_create_group": SENT_FLAG,
    "pypi_max_file_size": SENT_SIZE,
    "storage_size_limit": SENT_SIZE,
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
            body=body((), at_least_one_of(_SETTINGS), **_SETTINGS),
            answer=shows(SETTINGS, "The settings as they are now."),
        ),
        Operation(
            "GET",
            "/health",
            ApiHealth,
            "Show how the registry is",
            who="administrator",
            answer=shows(HEALTH),
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
