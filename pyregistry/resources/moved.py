"""Old addresses of groups and projects that were renamed or moved.

They are looked for where an address is about to be answered as one that never was, and so for
what is hidden as well as for what is missing: both cost the same.
"""

from dataclasses import dataclass
from urllib.parse import quote

from pyramid.request import Request
from pyramid.traversal import split_path_info

from pyregistry.authnz.permissions import Permissions
from pyregistry.authnz.policy import acl_permits
from pyregistry.namespaces.names import path_keys
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.namespaces.services.redirects import Redirect, find_redirect
from pyregistry.packaging.services.lookup import Resolution
from pyregistry.resources.api import ApiGroups, ApiProjects, NamespacesById, identifier_of
from pyregistry.resources.base import is_number
from pyregistry.resources.namespaces import NamespaceResource

SEEING = (
    Permissions.PROJECT_READ,
    Permissions.PACKAGE_PULL,
    Permissions.GROUP_READ,
    Permissions.INDEX_READ,
)
"""Who has one of these at a place, sees it."""

_ENDPOINTS = "-"
_NO_NAMESPACES = frozenset({"api", "packages", "static", "_"})
_API: dict[tuple[str, ...], type[NamespacesById]] = {
    ("api", "v4", "groups"): ApiGroups,
    ("api", "v4", "projects"): ApiProjects,
}
_SAFE = "@:!$&'()*+,;=~"


@dataclass(frozen=True, slots=True)
class Moved:
    """Where something is that was at the address asked for: its full path, and the address."""

    full_path: str
    address: str


def moved_from(request: Request) -> Moved | None:
    """What was at the address of the request and is elsewhere now, where the caller may see it.

    One query for an address with a path in it, whether anything ever was there or not.
    """
    segments = split_path_info(request.environ.get("PATH_INFO", ""))
    mount = segments[:3]
    if mount in _API:
        return _moved_in_api(request, mount, segments[3:])
    path = segments[: segments.index(_ENDPOINTS)] if _ENDPOINTS in segments else segments
    if not path or path[0] in _NO_NAMESPACES:
        return None
    redirect = find_redirect(request.db, path_keys(path))
    if redirect is None or not _sees_any(request, redirect):
        return None
    rest = segments[redirect.taken :]
    now_at = [*redirect.moved.full_path.split("/"), *rest]
    return Moved(redirect.moved.full_path, _address(request, now_at))


def _moved_in_api(
    request: Request, mount: tuple[str, ...], segments: tuple[str, ...]
) -> Moved | None:
    identifier = identifier_of(segments)
    if not identifier or is_number(identifier[0]):
        return None
    redirect = find_redirect(request.db, path_keys(identifier))
    if redirect is None:
        return None
    found = redirect.namespaces[-1]
    below = len(redirect.namespaces) - 1 - redirect.target
    whole = redirect.taken + below == len(identifier)
    if not whole or found.kind is not _API[mount].kind or not _sees(request, redirect, found):
        return None
    now_at = [*mount, found.full_path, *segments[len(identifier) :]]
    return Moved(found.full_path, _address(request, now_at))


def _sees_any(request: Request, redirect: Redirect) -> bool:
    """Whether the caller sees what was moved, or what the rest of the path finds in it.

    Who may pull from a project need not see the group that was renamed.
    """
    return any(_sees(request, redirect, each) for each in redirect.namespaces[redirect.target :])


def _sees(request: Request, redirect: Redirect, record: NamespaceRecord) -> bool:
    depth = redirect.namespaces.index(record) + 1
    lineage = redirect.namespaces[:depth][::-1]
    place = NamespaceResource(request, None, record.path, lineage, Resolution())
    return any(acl_permits(request.identity, place, permission) for permission in SEEING)


def _address(request: Request, segments: list[str]) -> str:
    """The address with these segments, and with the slash and the query of the request."""
    path = "/".join(quote(segment, safe=_SAFE) for segment in segments)
    slash = "/" if request.environ["PATH_INFO"].endswith("/") else ""
    query = f"?{request.query_string}" if request.query_string else ""
    return f"{request.application_url}/{path}{slash}{query}"
