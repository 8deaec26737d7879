"""Who may create groups and projects: for pages that lead to the forms."""

from pyramid.request import Request

from pyregistry.api.callers import granter_of
from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Refusal
from pyregistry.members.errors import GroupsForAdministrators
from pyregistry.members.services.authority import check_may_be_at_top
from pyregistry.namespaces.services.instance import instance_settings
from pyregistry.resources.namespaces import NamespaceResource


def may_create_at_top(request: Request) -> bool:
    """Whether the visitor may create groups at the top: at most two queries, none for nobody."""
    if request.identity is None:
        return False
    if request.identity.is_admin:
        return True
    try:
        check_at_top(request)
    except Refusal:
        return False
    return True


def may_create_in(request: Request, namespace: NamespaceResource) -> bool:
    """Whether the visitor may create groups and projects in a namespace; no query."""
    if namespace.record.is_project:
        return False
    return bool(request.has_permission(Permissions.NAMESPACE_CREATE, namespace))


def check_at_top(request: Request) -> None:
    """Raise `GroupsForAdministrators` for a visitor who may not create groups at the top."""
    if request.identity is None or request.identity.user_id is None:
        raise GroupsForAdministrators
    check_may_be_at_top(request.db, instance_settings(request.db), granter_of(request))
