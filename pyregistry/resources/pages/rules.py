"""The page of what protects the packages of a group or project."""

from pyregistry.resources.pages.base import NamespacePage


class RulesPage(NamespacePage):
    """The protection rules of a project, and the reserved prefixes of a group."""
