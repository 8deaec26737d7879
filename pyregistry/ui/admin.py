"""The pages for administrators beside each other, and what all of them show."""

from typing import Any, Final

from pyramid.request import Request

from pyregistry.ui.addresses import Addresses
from pyregistry.ui.breadcrumbs import Crumb
from pyregistry.ui.tabs import OVERVIEW, ShownTab

_SEGMENT: Final = "admin"
_TABS: Final = (
    ("users", "Users"),
    ("groups", "Groups"),
    ("projects", "Projects"),
    ("storage", "Storage"),
    ("usage", "Usage"),
    ("activity", "Activity"),
    ("settings", "Settings"),
    ("limits", "Limits"),
    ("health", "Health"),
)
"""The segment behind `/-/admin/` and the name of each page."""


def admin_page(request: Request, current: str) -> dict[str, Any]:
    """What every page for administrators shows: the way to it, and the pages beside it.

    `current` is the segment of the page. Give it to a template that extends
    `admin/layout.jinja2`.
    """
    addresses = Addresses(request)
    overview = addresses.instance_page(_SEGMENT)
    tabs = [ShownTab("Overview", overview, current == OVERVIEW)]
    tabs += [
        ShownTab(label, addresses.instance_page(_SEGMENT, segment), current == segment)
        for segment, label in _TABS
    ]
    crumbs = [Crumb("Administration", overview)]
    crumbs += [Crumb(tab.label, tab.address) for tab in tabs if tab.is_current and current]
    return {"tabs": tabs, "crumbs": crumbs}
