"""Access control lists of groups and projects.

A list is complete: it names the members of the namespace and of every group
above it, then says what visibility gives, and ends by denying all. Nothing is
inherited from the parent's list: what a public group shows to anyone must not
open a private project in it.
"""

from collections.abc import Iterable

from pyramid.authorization import DENY_ALL, Allow, Deny, Everyone

from pyregistry.authnz.identity import (
    ADMINISTRATORS,
    INTERNAL_USERS,
    member_principal,
    visitor_principal,
)
from pyregistry.authnz.permissions import EVERYTHING, OF_PACKAGES, Permissions
from pyregistry.authnz.roles import PULLS_ONLY, ROLE_PERMISSIONS, SEES_GROUP, SEES_PROJECT, Role
from pyregistry.namespaces.models import Visibility
from pyregistry.namespaces.records import NamespaceRecord

AccessControlEntry = tuple[str, str, Iterable[Permissions]]
AccessControlList = list[AccessControlEntry]


def namespace_acl(lineage: Iterable[NamespaceRecord]) -> AccessControlList:
    """The list of the first namespace of `lineage`, which goes from it to its top group."""
    lineage = list(lineage)
    namespace = lineage[0]
    entries: AccessControlList = []
    if not namespace.packages_available:
        # Traversal has left out what this is about: here it is said once more.
        entries.append((Deny, Everyone, OF_PACKAGES))
    entries.append((Allow, ADMINISTRATORS, EVERYTHING))
    for ancestor in lineage:
        entries += (
            (Allow, member_principal(ancestor.id, role), ROLE_PERMISSIONS[role]) for role in Role
        )
    if namespace.is_project:
        entries += _project_visibility(namespace)
    else:
        entries.append((Allow, visitor_principal(namespace.id), SEES_GROUP))
        entries += _visibility(namespace.visibility, SEES_GROUP)
    entries.append(DENY_ALL)
    return entries


def _project_visibility(project: NamespaceRecord) -> AccessControlList:
    entries = _visibility(project.visibility, SEES_PROJECT)
    if project.pulls_open:
        entries.append((Allow, Everyone, PULLS_ONLY))
    return entries


def _visibility(visibility: Visibility, permissions: Iterable[Permissions]) -> AccessControlList:
    if visibility is Visibility.PUBLIC:
        return [(Allow, Everyone, permissions)]
    if visibility is Visibility.INTERNAL:
        return [(Allow, INTERNAL_USERS, permissions)]
    return []
