"""What every resource has, and what a request gives to resources."""

from typing import Any

from pyramid.request import Request

from pyregistry.authnz.identity import Viewer
from pyregistry.authnz.permissions import Permissions
from pyregistry.authnz.policy import acl_permits
from pyregistry.namespaces.records import NamespaceRecord

MAXIMUM_DIGITS = 18
"""Every number of so many digits fits into the database's integers."""


class Resource:
    """A place in the tree: it knows its parent and its name there.

    `hides_children` says that some of what is below may be seen by fewer people, so that
    nobody learns what is not there either.
    """

    hides_children = False

    def __init__(self, request: Request, parent: "Resource | None", name: str) -> None:
        self.request = request
        self.__parent__ = parent
        self.__name__ = name

    def __getitem__(self, segment: str) -> "Resource":
        raise KeyError(segment)


class OfNamespace(Resource):
    """A place that belongs to a group or project, without being its resource itself."""

    def __init__(
        self, request: Request, parent: Resource, name: str, namespace: NamespaceRecord
    ) -> None:
        super().__init__(request, parent, name)
        self.namespace = namespace


class OfGroup(OfNamespace):
    """A place that belongs to a group."""

    @property
    def group(self) -> NamespaceRecord:
        """The group."""
        return self.namespace


class OfProject(OfNamespace):
    """A place that belongs to a project."""

    @property
    def project(self) -> NamespaceRecord:
        """The project."""
        return self.namespace


def is_number(segment: str) -> bool:
    """Whether a segment is a number as addresses spell it; other scripts have digits, too."""
    return segment.isascii() and segment.isdecimal()


def number_of(segment: str) -> int | None:
    """The number that a segment spells, or None; None, too, for one of too many digits."""
    if not is_number(segment) or len(segment) > MAXIMUM_DIGITS:
        return None
    return int(segment)


def lineage_of(resource: Any) -> list[Any]:
    """The resource and everything above it."""
    found = []
    while resource is not None:
        found.append(resource)
        resource = getattr(resource, "__parent__", None)
    return found


def viewer_of(request: Request) -> Viewer:
    """The caller, as queries see them."""
    return Viewer.of(request.identity, request.now)


def looks_inside(resource: Resource) -> bool:
    """Whether the caller may know which packages there are in the project of a resource.

    Nothing may be looked up for anybody else: what is there would take longer to be refused
    than what is not.
    """
    identity = resource.request.identity
    return any(
        acl_permits(identity, resource, permission)
        for permission in (Permissions.PACKAGE_PULL, Permissions.PACKAGE_READ)
    )
