"""The page of what is stored where, from which administrators have it moved elsewhere."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.api.limits import bound_of
from pyregistry.authnz.permissions import Permissions
from pyregistry.components import Components
from pyregistry.health.checks import free_bytes
from pyregistry.health.services.storage import (
    contents_of_storages,
    groups_by_storage,
    projects_by_storage,
)
from pyregistry.jobs.services.storage_migrations import (
    DESTINATION,
    latest_migration,
    start_migration,
    stop_migration,
)
from pyregistry.limits.services.read import limits_of
from pyregistry.resources.pages.admin import (
    AdminStoragePage,
    MigrateStorage,
    StopStorageMigration,
)
from pyregistry.slices import Window
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.admin import admin_page
from pyregistry.ui.room import room_of
from pyregistry.ui.submissions import attempt, done, read_form

_TEMPLATE = "pyregistry:ui/templates/admin/storage.jinja2"
_LARGEST = 20


@view_config(
    context=AdminStoragePage,
    request_method="GET",
    permission=Permissions.HEALTH_READ,
    renderer=_TEMPLATE,
)
def show_storage(_context: AdminStoragePage, request: Request) -> dict[str, Any]:
    """How much lies where, which groups and projects hold most, and the last migration."""
    return {**_storage_page(request), "refusal": None}


@view_config(
    context=MigrateStorage,
    request_method="POST",
    permission=Permissions.STORAGE_MIGRATE,
    renderer=_TEMPLATE,
)
def migrate(_context: MigrateStorage, request: Request) -> Any:
    """Have a worker move all files into the chosen storage."""
    target = read_form(request).given(DESTINATION)
    storages = request.components.storages.names()
    tried = attempt(
        request,
        lambda: start_migration(request.db, target, storages, request.actor, request.now),
    )
    if tried.refusal is not None:
        return {**_storage_page(request), "refusal": tried.refusal}
    return done(request, _address(request), f"The files will be moved to the storage {target}.")


@view_config(
    context=StopStorageMigration,
    request_method="POST",
    permission=Permissions.STORAGE_MIGRATE,
    renderer=_TEMPLATE,
)
def stop(context: StopStorageMigration, request: Request) -> Any:
    """Stop a migration; what was moved stays where it is."""
    number = context.__parent__.number
    tried = attempt(request, lambda: stop_migration(request.db, number, request.actor, request.now))
    if tried.refusal is not None:
        return {**_storage_page(request), "refusal": tried.refusal}
    return done(request, _address(request), "The migration is being stopped.")


def _address(request: Request) -> str:
    return Addresses(request).instance_page("admin", "storage")


def _storage_page(request: Request) -> dict[str, Any]:
    components: Components = request.components
    largest = Window(_LARGEST, by_key=True)
    stored = contents_of_storages(request.db)
    names = components.storages.names()
    elsewhere = {name: any(each.storage != name for each in stored) for name in names}
    return {
        **admin_page(request, "storage"),
        "stored": stored,
        "used": components.storage.name,
        "room": room_of(limits_of(request.db, None, bound_of(request))),
        "free_bytes": free_bytes(components.storage),
        "groups": groups_by_storage(request.db, largest).rows,
        "projects": projects_by_storage(request.db, largest).rows,
        "migration": latest_migration(request.db),
        # Where something can be moved to: there are files in another storage.
        "destinations": [(name, name) for name in names if elsewhere[name]],
        "destination": DESTINATION,
    }
