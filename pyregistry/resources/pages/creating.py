"""The pages that create groups and projects."""

from typing import ClassVar

from pyramid.authorization import Allow, Authenticated

from pyregistry.authnz.permissions import Permissions
from pyregistry.namespaces.acl import AccessControlList
from pyregistry.resources.pages.base import InstancePage, NamespacePage


class NewTopGroupPage(InstancePage):
    """The page that creates a group at the top."""

    def __acl__(self) -> AccessControlList:
        # Whether people may is a setting, which services read; the rest is said at the root.
        return [(Allow, Authenticated, {Permissions.GROUP_CREATE})]


class TopGroupsPage(InstancePage):
    """The way to a new group at the top."""

    below: ClassVar[dict[str, type[InstancePage]]] = {"new": NewTopGroupPage}


class NewSubgroupPage(NamespacePage):
    """The page that creates a group in a group."""


class NewProjectPage(NamespacePage):
    """The page that creates a project in a group."""


class SubgroupsPage(NamespacePage):
    """The way to a new group in a group."""

    below: ClassVar[dict[str, type[NamespacePage]]] = {"new": NewSubgroupPage}


class ProjectsPage(NamespacePage):
    """The way to a new project in a group."""

    below: ClassVar[dict[str, type[NamespacePage]]] = {"new": NewProjectPage}
