"""The root of the tree, and how a path becomes namespaces in one query."""

from pyramid.authorization import DENY_ALL, Allow, Authenticated, Everyone
from pyramid.request import Request
from pyramid.traversal import split_path_info

from pyregistry.authnz.identity import ADMINISTRATORS
from pyregistry.authnz.permissions import EVERYTHING, Permissions
from pyregistry.errors import Invalid
from pyregistry.namespaces.acl import AccessControlList
from pyregistry.namespaces.names import path_keys
from pyregistry.packaging.services.lookup import Resolution, resolve_instance, resolve_path
from pyregistry.resources.api import Api
from pyregistry.resources.base import Resource, viewer_of
from pyregistry.resources.indexes import SubtreeFiles, look_in_vain, wanted_by
from pyregistry.resources.namespaces import InstanceEndpoints, namespace_below
from pyregistry.resources.oidc import TopLevelExchange
from pyregistry.resources.top_level_files import TOP_LEVEL_FILES

ENDPOINTS = "-"


class Root(Resource):
    """The instance: top-level groups, and what belongs to none of them."""

    def __init__(self, request: Request) -> None:
        super().__init__(request, None, "")

    def __acl__(self) -> AccessControlList:
        return [
            (Allow, ADMINISTRATORS, EVERYTHING),
            (Allow, Authenticated, {Permissions.INDEX_READ}),
            (Allow, Everyone, {Permissions.HOME_READ}),
            DENY_ALL,
        ]

    def __getitem__(self, segment: str) -> Resource:
        if segment == ENDPOINTS:
            return InstanceEndpoints(self.request, self, segment, self._resolve_index)
        if segment == "api":
            return Api(self.request, self, segment)
        if segment == "packages":
            return SubtreeFiles(self.request, self, segment, group_id=None)
        if segment == "_":
            return TopLevelExchange(self.request, self, segment)
        if segment in TOP_LEVEL_FILES:
            return TOP_LEVEL_FILES[segment](self.request, self, segment)
        return namespace_below(self.request, self, segment, [], self._resolve())

    def _resolve_index(self) -> Resolution:
        """What the index of the instance shows on this request's page."""
        _, rest = _split_at_endpoints(split_path_info(self.request.environ["PATH_INFO"]))
        wanted = wanted_by(rest)
        if wanted is None:
            return Resolution()
        return resolve_instance(self.request.db, viewer_of(self.request), wanted)

    def _resolve(self) -> Resolution:
        path, rest = _split_at_endpoints(split_path_info(self.request.environ["PATH_INFO"]))
        resolution = resolve_path(
            self.request.db, path_keys(path), viewer_of(self.request), wanted_by(rest)
        )
        if len(resolution.namespaces) < len(path):
            look_in_vain(self.request, rest)
        return resolution


def root_factory(request: Request) -> Root:
    """The tree for one request. Cookies that are not UTF-8 are taken for none.

    Raises `Invalid` for an address with a NUL character, which PostgreSQL takes in no text.
    """
    environ = request.environ
    if "\0" in environ.get("PATH_INFO", "") or "%00" in environ.get("QUERY_STRING", ""):
        raise Invalid("The address holds a NUL character: leave it out.")
    try:
        request.cookies.get("")  # any name has all of them read
    except UnicodeDecodeError:
        # Another application of this host may have left them in the browser.
        del environ["HTTP_COOKIE"]
    return Root(request)


def _split_at_endpoints(segments: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The segments before the first `-`, and those after it."""
    place = segments.index(ENDPOINTS) if ENDPOINTS in segments else len(segments)
    return segments[:place], segments[place + 1 :]
