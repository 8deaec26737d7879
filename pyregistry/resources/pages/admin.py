"""The pages for administrators. The list of the instance lets nobody else in."""

from typing import ClassVar

from pyregistry.resources.pages.admin_users import UsersPage
from pyregistry.resources.pages.base import InstancePage, NumberedInstancePage


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


class MigrateStorage(InstancePage):
    """Where the form is sent that has all files moved into another storage."""


class StopStorageMigration(InstancePage):
    """Where the form is sent that stops a migration."""

    __parent__: "AdminStorageMigration"


class AdminStorageMigration(NumberedInstancePage):
    """One migration, by its id: the way to what can be done with it."""

    below: ClassVar[dict[str, type[InstancePage]]] = {"stop": StopStorageMigration}


class AdminStorageMigrations(InstancePage):
    """The way to one migration."""

    numbered = AdminStorageMigration


class AdminStoragePage(InstancePage):
    """How much is stored where, and moving it elsewhere."""

    below: ClassVar[dict[str, type[InstancePage]]] = {
        "migrate": MigrateStorage,
        "migrations": AdminStorageMigrations,
    }


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
