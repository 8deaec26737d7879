"""The pages for people that lie behind a `-`, by their segment.

/<group or project>/-/{members, tokens, rules, activity, usage, settings}
/<group>/-/packages
/<group>/-/{groups, projects}/new
/-/{search, profile, admin}
/-/groups/new
"""

from typing import Final

from pyregistry.resources.pages.activity import ActivityPage, GroupUsagePage, UsagePage
from pyregistry.resources.pages.admin import AdminPage
from pyregistry.resources.pages.base import InstancePage, NamespacePage
from pyregistry.resources.pages.creating import ProjectsPage, SubgroupsPage, TopGroupsPage
from pyregistry.resources.pages.members import MembersPage
from pyregistry.resources.pages.packages import CopiedCommand
from pyregistry.resources.pages.profile import ProfilePage
from pyregistry.resources.pages.rules import PrefixesPage, RulesPage
from pyregistry.resources.pages.search import GroupPackagesPage, SearchPage
from pyregistry.resources.pages.settings import SettingsPage
from pyregistry.resources.pages.tokens import TokensPage

NAMESPACE_PAGES: Final[dict[str, type[NamespacePage]]] = {
    "members": MembersPage,
    "tokens": TokensPage,
    "activity": ActivityPage,
    "usage": UsagePage,
    "settings": SettingsPage,
}
"""Pages that groups and projects have."""

GROUP_PAGES: Final[dict[str, type[NamespacePage]]] = {
    **NAMESPACE_PAGES,
    "packages": GroupPackagesPage,
    "usage": GroupUsagePage,
    "rules": PrefixesPage,
    "groups": SubgroupsPage,
    "projects": ProjectsPage,
}
PROJECT_PAGES: Final[dict[str, type[NamespacePage]]] = {
    **NAMESPACE_PAGES,
    "rules": RulesPage,
    "copied": CopiedCommand,
}

INSTANCE_PAGES: Final[dict[str, type[InstancePage]]] = {
    "search": SearchPage,
    "profile": ProfilePage,
    "admin": AdminPage,
    "groups": TopGroupsPage,
}
"""Pages that belong to no group."""

__all__ = ["GROUP_PAGES", "INSTANCE_PAGES", "NAMESPACE_PAGES", "PROJECT_PAGES"]
