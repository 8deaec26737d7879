"""What turned the package registry off, told to those who may turn it on again."""

from dataclasses import dataclass

from pyramid.request import Request

from pyregistry.authnz.permissions import Permissions
from pyregistry.namespaces.services.instance import instance_settings
from pyregistry.resources.base import Resource, lineage_of
from pyregistry.resources.namespaces import NamespaceResource
from pyregistry.ui.addresses import Addresses


@dataclass(frozen=True, slots=True)
class TurnedOff:
    """A place where the package registry is turned off; `full_path` is empty for the instance.

    `settings` is the page where it is turned on again.
    """

    kind: str
    full_path: str
    settings: str


def turned_off(request: Request, context: Resource) -> list[TurnedOff]:
    """Where the package registry of a page is turned off, as far as the visitor may change it.

    Nobody else learns that it is: to them there is none.
    """
    addresses = Addresses(request)
    found = []
    root = context
    for resource in lineage_of(context):
        root = resource
        if not isinstance(resource, NamespaceResource) or resource.record.packages_enabled:
            continue
        if request.has_permission(Permissions.NAMESPACE_SETTINGS, resource):
            record = resource.record
            settings = addresses.page(record.full_path, "settings")
            found.append(TurnedOff(record.kind, record.full_path, settings))
    administers = request.has_permission(Permissions.INSTANCE_SETTINGS, root)
    if administers and not instance_settings(request.db).packages_enabled:
        settings = addresses.instance_page("admin", "settings")
        found.append(TurnedOff("instance", "", settings))
    return found
