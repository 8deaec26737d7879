"""Migrations of the storage in the JSON API."""

from typing import Any

from pyregistry.api.presenters import present_optional_time, present_time
from pyregistry.jobs.services.storage_migrations import DESTINATION, StorageMigration


def present_migration(migration: StorageMigration) -> dict[str, Any]:
    """A migration: what was asked for, how far it is, and how it ended."""
    progress = migration.progress
    return {
        "id": migration.id,
        "state": migration.state.value,
        DESTINATION: migration.target,
        "username": migration.username,
        "created_at": present_time(migration.created_at),
        "started_at": present_optional_time(migration.started_at),
        "finished_at": present_optional_time(migration.finished_at),
        "stopping": migration.is_stopping,
        "attempts": migration.attempts,
        "reason": migration.reason,
        "progress": {
            "done_objects": progress.done_objects,
            "total_objects": progress.total_objects,
            "done_bytes": progress.done_bytes,
            "total_bytes": progress.total_bytes,
            "failures": progress.failures,
            "bytes_per_second": progress.bytes_per_second,
            "seconds_left": None if migration.is_over else progress.seconds_left,
        },
        "report": None if migration.result is None else dict(migration.result),
    }
