"""The page that searches packages."""

from pyregistry.resources.pages.base import InstancePage


class SearchPage(InstancePage):
    """Every package that the visitor may read, by words."""
