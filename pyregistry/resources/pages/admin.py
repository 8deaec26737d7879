"""The pages for administrators. The list of the instance lets nobody else in."""

from typing import ClassVar

from pyregistry.resources.pages.admin_users import UsersPage
from pyregistry.resources.pages.base import InstancePage


class AdminActivityPage(InstancePage):
    """The audit events of the whole instance."""


class AdminUsageTable(InstancePage):
    """The counts of all projects as a table for spreadsheets."""


class AdminUsagePage(InstancePage):
    """How often packages of all projects were pushed, pulled and deleted."""

    below: ClassVar[dict[str, type[InstancePage]]] = {"csv": AdminUsageTable}


class AdminGroupsPage(InstancePage):
    """Every group."""


class AdminProjectsPage(InstancePage):
    """Every project."""


class AdminStoragePage(InstancePage):
    """How much is stored where."""


class ChangeInstanceSettings(InstancePage):
    """Where the form of the settings is sent."""


class ChangeInstanceLimits(InstancePage):
    """Where the largest file and the quota of the registry are sent."""


class InstanceSettingsPage(InstancePage):
    """What administrators decide for the whole instance."""

    below: ClassVar[dict[str, type[InstancePage]]] = {
        "change": ChangeInstanceSettings,
        "limits": ChangeInstanceLimits,
    }


class LimitsPage(InstancePage):
    """The limits that are in force."""


class HealthPage(InstancePage):
    """Whether the parts of the registry work."""


class AdminPage(InstancePage):
    """The registry at a glance."""

    below: ClassVar[dict[str, type[InstancePage]]] = {
        "users": UsersPage,
        "groups": AdminGroupsPage,
        "projects": AdminProjectsPage,
        "storage": AdminStoragePage,
        "usage": AdminUsagePage,
        "activity": AdminActivityPage,
        "settings": InstanceSettingsPage,
        "limits": LimitsPage,
        "health": HealthPage,
    }
