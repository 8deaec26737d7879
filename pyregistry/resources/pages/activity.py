"""The pages of what happened in a group or project."""

from pyregistry.resources.pages.base import NamespacePage


class ActivityPage(NamespacePage):
    """The audit events."""


class UsagePage(NamespacePage):
    """How often packages were pushed, pulled and deleted, and commands copied."""
