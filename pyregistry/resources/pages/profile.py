"""The pages of one's own account."""

from pyregistry.resources.pages.base import InstancePage


class ProfilePage(InstancePage):
    """One's password, personal access tokens and sessions."""
