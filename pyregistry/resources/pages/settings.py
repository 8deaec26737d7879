"""The page of the settings of a group or project."""

from pyregistry.resources.pages.base import NamespacePage


class SettingsPage(NamespacePage):
    """Name, visibility, package registry, and what cannot be undone."""
