"""Moving all files into another storage."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.api.migration_presenters import present_migration
from pyregistry.api.paging import shown_slice, window_of
from pyregistry.authnz.permissions import Permissions
from pyregistry.http.caching import describe_read
from pyregistry.http.parameters import optional_text, read_parameters
from pyregistry.jobs.services.storage_migrations import (
    DESTINATION,
    find_migration,
    migrations_slice,
    start_migration,
    stop_migration,
)
from pyregistry.resources.api_storage_migrations import (
    ApiCancelStorageMigration,
    ApiStorageMigration,
    ApiStorageMigrations,
)


@view_config(
    context=ApiStorageMigrations,
    request_method="GET",
    permission=Permissions.HEALTH_READ,
    renderer="json",
)
def list_migrations(_context: ApiStorageMigrations, request: Request) -> list[dict[str, Any]]:
    """Migrations, the newest first, a page at a time."""
    window = window_of(request)
    found = migrations_slice(request.db, window)
    describe_read(request)
    return [present_migration(each) for each in shown_slice(request, window, found)]


@view_config(
    context=ApiStorageMigration,
    request_method="GET",
    permission=Permissions.HEALTH_READ,
    renderer="json",
)
def show_migration(context: ApiStorageMigration, request: Request) -> dict[str, Any]:
    """How far one is, or how it ended."""
    describe_read(request)
    return present_migration(find_migration(request.db, context.migration_id))


@view_config(
    context=ApiStorageMigrations,
    request_method="POST",
    permission=Permissions.STORAGE_MIGRATE,
    renderer="json",
)
def start(_context: ApiStorageMigrations, request: Request) -> dict[str, Any]:
    """Have a worker move all files."""
    target = optional_text(read_parameters(request), DESTINATION)
    storages = request.components.storages.names()
    found = start_migration(request.db, target, storages, request.actor, request.now)
    request.response.status_int = 201
    return present_migration(found)


@view_config(
    context=ApiCancelStorageMigration,
    request_method="POST",
    permission=Permissions.STORAGE_MIGRATE,
    renderer="json",
)
def stop(context: ApiCancelStorageMigration, request: Request) -> dict[str, Any]:
    """Stop one: at once, or as soon as its worker looks."""
    found = stop_migration(request.db, context.migration_id, request.actor, request.now)
    return present_migration(found)
