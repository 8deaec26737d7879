"""The page of the tokens of a group or project."""

from pyregistry.resources.pages.base import NamespacePage


class TokensPage(NamespacePage):
    """Its access tokens, deploy tokens and trusted publishers."""
