"""The page of the members of a group or project."""

from pyregistry.resources.pages.base import NamespacePage


class MembersPage(NamespacePage):
    """Who is a member, and with which role."""
