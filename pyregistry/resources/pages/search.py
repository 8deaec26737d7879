"""The pages that search packages."""

from pyregistry.resources.pages.base import InstancePage, NamespacePage


class SearchPage(InstancePage):
    """Every package that the visitor may read, by words."""


class GroupPackagesPage(NamespacePage):
    """The packages of a group and everything in it that the visitor may read."""
