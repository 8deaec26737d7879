"""The pages for administrators."""

from pyregistry.resources.pages.base import InstancePage


class AdminPage(InstancePage):
    """The registry at a glance."""
