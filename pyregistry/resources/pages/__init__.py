"""The pages for people that lie behind a `-`, by their segment.

/<group or project>/-/{members, tokens, rules, activity, usage, settings}
/-/{search, profile, admin}
"""

from typing import Final

from pyregistry.resources.pages.activity import ActivityPage, UsagePage
from pyregistry.resources.pages.admin import AdminPage
from pyregistry.resources.pages.base import InstancePage, NamespacePage
from pyregistry.resources.pages.members import MembersPage
from pyregistry.resources.pages.packages import CopiedCommand
from pyregistry.resources.pages.profile import ProfilePage
from pyregistry.resources.pages.rules import RulesPage
from pyregistry.resources.pages.search import SearchPage
from pyregistry.resources.pages.settings import SettingsPage
from pyregistry.resources.pages.tokens import TokensPage

NAMESPACE_PAGES: Final[dict[str, type[NamespacePage]]] = {
    "members": MembersPage,
    "tokens": TokensPage,
    "rules": RulesPage,
    "activity": ActivityPage,
    "usage": UsagePage,
    "settings": SettingsPage,
}
"""Pages that groups and projects have."""

GROUP_PAGES: Final[dict[str, type[NamespacePage]]] = {**NAMESPACE_PAGES}
PROJECT_PAGES: Final[dict[str, type[NamespacePage]]] = {
    **NAMESPACE_PAGES,
    "copied": CopiedCommand,
}

INSTANCE_PAGES: Final[dict[str, type[InstancePage]]] = {
    "search": SearchPage,
    "profile": ProfilePage,
    "admin": AdminPage,
}
"""Pages that belong to no group."""

__all__ = ["GROUP_PAGES", "INSTANCE_PAGES", "NAMESPACE_PAGES", "PROJECT_PAGES"]
