"""The pages of a group or project beside each other, and what all of them show."""

from dataclasses import dataclass
from typing import Any, Final

from pyramid.request import Request

from pyregistry.authnz.permissions import Permissions
from pyregistry.resources.base import Resource
from pyregistry.resources.namespaces import NamespaceResource, namespace_above
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.breadcrumbs import Crumb, namespace_crumbs

OVERVIEW: Final = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the pages: its segment behind the `-`, its name, and who may open it.

    `in_groups` is what a group asks for instead.
    """

    segment: str
    label: str
    permission: Permissions
    in_groups: Permissions | None = None

    def permission_in(self, namespace: NamespaceResource) -> Permissions:
        """What one has to have in a group or project to open the page."""
        if self.in_groups is None or namespace.record.is_project:
            return self.permission
        return self.in_groups


_TABS: Final = (
    Tab("members", "Members", Permissions.MEMBERS_READ),
    Tab("tokens", "Tokens", Permissions.TOKENS_READ),
    Tab("rules", "Rules", Permissions.PROTECTION_READ),
    Tab("activity", "Activity", Permissions.AUDIT_READ),
    # A group counts what its visitor may see in it.
    Tab("usage", "Usage", Permissions.USAGE_READ, in_groups=Permissions.GROUP_READ),
    Tab("settings", "Settings", Permissions.NAMESPACE_SETTINGS),
)


@dataclass(frozen=True, slots=True)
class ShownTab:
    """A tab with its address, and whether it is the page that is shown."""

    label: str
    address: str
    is_current: bool


def shown_tabs(request: Request, namespace: NamespaceResource, current: str) -> list[ShownTab]:
    """The tabs that the visitor may open; none where there is only the first."""
    addresses, record = Addresses(request), namespace.record
    tabs = [ShownTab("Overview", addresses.namespace(record.full_path), current == OVERVIEW)]
    for tab in _TABS:
        if request.has_permission(tab.permission_in(namespace), namespace):
            address = addresses.page(record.full_path, tab.segment)
            tabs.append(ShownTab(tab.label, address, current == tab.segment))
    return tabs if len(tabs) > 1 else []


def namespace_page(context: Resource, request: Request, current: str) -> dict[str, Any]:
    """What every page of a group or project shows: itself, the way to it, and its tabs.

    `current` is the segment of the tab that the page belongs to. Give it to a template that
    extends `namespaces/layout.jinja2`.
    """
    namespace = namespace_above(context)
    addresses = Addresses(request)
    crumbs = namespace_crumbs(addresses, namespace.lineage)
    tabs = shown_tabs(request, namespace, current)
    crumbs += [Crumb(tab.label, tab.address) for tab in tabs if tab.is_current and current]
    return {
        "namespace": namespace.record,
        "crumbs": crumbs,
        "tabs": tabs,
    }
