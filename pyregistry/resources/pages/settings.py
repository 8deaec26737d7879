"""The pages of the settings of a group or project."""

from typing import ClassVar

from pyregistry.resources.pages.base import NamespacePage


class SettingsNaming(NamespacePage):
    """Where its name and description are sent."""


class SettingsPath(NamespacePage):
    """Where the last segment of its path is sent."""


class SettingsVisibility(NamespacePage):
    """Where its visibility is sent."""


class SettingsRegistry(NamespacePage):
    """Where it is sent whether it has a package registry, and who pulls from it."""


class SettingsLimits(NamespacePage):
    """Where the largest file and the quota are sent."""


class MovePage(NamespacePage):
    """The page that moves it to another group."""


class DeletionPage(NamespacePage):
    """The page that deletes it."""


class SettingsPage(NamespacePage):
    """Name, visibility, package registry, limits, and what cannot be undone."""

    below: ClassVar[dict[str, type[NamespacePage]]] = {
        "naming": SettingsNaming,
        "path": SettingsPath,
        "visibility": SettingsVisibility,
        "registry": SettingsRegistry,
        "limits": SettingsLimits,
        "move": MovePage,
        "delete": DeletionPage,
    }
