"""The pages for people that lie behind a `-`, by their segment.

/<group or project>/-/{members, tokens, rules, activity, usage, settings}
/<group>/-/packages
/<project>/-/copied
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
from pyregistry.resources.pages.packages import CopiedCommand, CopiedGroupCommand
from pyregistry.resources.pages.profile import ProfilePage
from pyregistry.resources.pages.rules import PrefixesPage, RulesPage
from pyregistry.resources.pages.search import GroupPackagesPage, SearchPage
from pyregistry.resources.pages.settings import SettingsPage
from pyregistry.resources.pages.tokens import TokensPage

_OF_BOTH: Final[dict[str, type[NamespacePage]]] = {
    "members": MembersPage,
    "tokens": TokensPage,
    "activity": ActivityPage,
    "settings": SettingsPage,
}

GROUP_PAGES: Final[dict[str, type[NamespacePage]]] = {
    **_OF_BOTH,
    "packages": GroupPackagesPage,
    "usage": GroupUsagePage,
    "rules": PrefixesPage,
    "groups": SubgroupsPage,
    "projects": ProjectsPage,
    "copied": CopiedGroupCommand,
}
PROJECT_PAGES: Final[dict[str, type[NamespacePage]]] = {
    **_OF_BOTH,
    "usage": UsagePage,
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

__all__ = ["GROUP_PAGES", "INSTANCE_PAGES", "PROJECT_PAGES"]
