"""Migrations of the storage."""

from pyregistry.api.openapi.operations import Operation, Subject, creates, lists, shows
from pyregistry.api.openapi.parameters import PAGES, body
from pyregistry.api.openapi.schemas import (
    COUNT,
    FLAG,
    ID,
    MOMENT,
    TEXT,
    array,
    attributes,
    described,
    digest,
    nullable,
    record,
    words,
)
from pyregistry.api.openapi.sent import SENT_TEXT
from pyregistry.jobs.models import JobState
from pyregistry.resources.api_storage_migrations import (
    ApiCancelStorageMigration,
    ApiStorageMigration,
    ApiStorageMigrations,
)
from pyregistry.upkeep.reports import Problem

_ADDRESS = "/application/storage_migrations"
_ONE = f"{_ADDRESS}/{{migration_id}}"
_WHO = "administrator"
_COUNTS = (
    "moved",
    "moved_files",
    "moved_bytes",
    "reused",
    "already_there",
    "overtaken",
    "missing",
    "damaged",
    "failed",
    "files_left",
)

TROUBLE = record(
    "StorageMigrationTrouble",
    "Stored bytes that could not be moved, and some of the files that are made of them.",
    problem=words(Problem),
    storage=TEXT,
    sha256=digest(64),
    reason=TEXT,
    files=array(TEXT),
)
MIGRATION = record(
    "StorageMigration",
    "A migration of the storage. Sizes are in bytes. The `report` is that of the last attempt that"
    " came to an end; it describes a hundred troubles.",
    id=ID,
    state=words(JobState),
    destination_storage_name=TEXT,
    username=nullable(described(TEXT, "Who started it.")),
    created_at=MOMENT,
    started_at=nullable(MOMENT),
    finished_at=nullable(MOMENT),
    stopping=FLAG,
    attempts=COUNT,
    reason=nullable(described(TEXT, "Why the last attempt failed.")),
    progress=attributes(
        done_objects=COUNT,
        total_objects=COUNT,
        done_bytes=COUNT,
        total_bytes=COUNT,
        failures=COUNT,
        bytes_per_second=nullable(COUNT),
        seconds_left=nullable(COUNT),
    ),
    report=nullable(
        attributes(
            **dict.fromkeys(_COUNTS, COUNT),
            troubles=array(TROUBLE),
            stopped=FLAG,
            gave_up=FLAG,
        )
    ),
)

SUBJECT = Subject(
    "Storage migrations",
    "Moving all files into another storage, which a worker does.",
    (
        Operation(
            "GET",
            _ADDRESS,
            ApiStorageMigrations,
            "List migrations of the storage",
            who=_WHO,
            query=PAGES,
            answer=lists(MIGRATION, "Migrations, the newest first."),
        ),
        Operation(
            "POST",
            _ADDRESS,
            ApiStorageMigrations,
            "Move all files into a storage",
            who=_WHO,
            body=body(("destination_storage_name",), destination_storage_name=SENT_TEXT),
            answer=creates(MIGRATION, "The migration, which waits for a worker."),
            also=(409,),
        ),
        Operation(
            "GET",
            _ONE,
            ApiStorageMigration,
            "Show a migration of the storage",
            who=_WHO,
            answer=shows(MIGRATION),
        ),
        Operation(
            "POST",
            f"{_ONE}/cancel",
            ApiCancelStorageMigration,
            "Stop a migration of the storage",
            who=_WHO,
            answer=shows(MIGRATION, "The migration, which is stopped or will be."),
            also=(409,),
        ),
    ),
)
