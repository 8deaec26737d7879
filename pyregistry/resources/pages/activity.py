"""The pages of what happened in a group or project."""

from typing import ClassVar

from pyregistry.resources.pages.base import NamespacePage


class ActivityPage(NamespacePage):
    """The audit events."""


class UsageTable(NamespacePage):
    """The counts of a project as a table for spreadsheets."""


class UsagePage(NamespacePage):
    """How often packages of a project were pushed, pulled and deleted, and commands copied."""

    below: ClassVar[dict[str, type[NamespacePage]]] = {"csv": UsageTable}


class GroupUsageTable(NamespacePage):
    """The counts of the projects in a group as a table, as far as its reader may see them."""


class GroupUsagePage(NamespacePage):
    """The same of a group: of what its reader may see in it."""

    below: ClassVar[dict[str, type[NamespacePage]]] = {"csv": GroupUsageTable}
