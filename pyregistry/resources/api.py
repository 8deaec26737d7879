"""The JSON API's addresses, in GitLab's layout: a second way to the same things."""

from itertools import takewhile
from typing import ClassVar

from pyramid.request import Request
from pyramid.traversal import split_path_info

from pyregistry.namespaces.acl import AccessControlList
from pyregistry.namespaces.models import NamespaceKind
from pyregistry.namespaces.names import RESERVED_SEGMENTS
from pyregistry.packaging.services.lookup import Wanted
from pyregistry.resources.api_admin import ApiAdmin
from pyregistry.resources.api_events import ApiAuditEvents
from pyregistry.resources.api_explain import (
    ApiExplanation,
    ApiGroupExplanation,
    ApiProjectExplanation,
)
from pyregistry.resources.api_instance import (
    ApiApplication,
    ApiDocument,
    ApiHealth,
    ApiMetadata,
    ApiUser,
    ApiVersion,
)
from pyregistry.resources.api_job_tokens import ApiJobTokens
from pyregistry.resources.api_members import ApiMembers
from pyregistry.resources.api_moves import (
    ApiGroupTransfer,
    ApiProjectTransfer,
    ApiTransferLocations,
)
from pyregistry.resources.api_namespaces import (
    ApiDescendantGroups,
    ApiGroupProjects,
    ApiSubgroups,
    collection_acl,
)
from pyregistry.resources.api_packages import ApiGroupPackages, ApiPackages
from pyregistry.resources.api_protection import ApiReservedPrefixes
from pyregistry.resources.api_tokens import (
    ApiAccessTokens,
    ApiAllDeployTokens,
    ApiDeployTokens,
    ApiPersonalTokens,
)
from pyregistry.resources.api_trusted_publishers import ApiTrustedPublishers
from pyregistry.resources.api_usage import ApiGroupUsage, ApiProjectUsage, ApiUsage
from pyregistry.resources.api_users import ApiUsers
from pyregistry.resources.base import OfNamespace, Resource, is_number
from pyregistry.resources.identifiers import resolve_identifier
from pyregistry.resources.indexes import (
    SubtreeFiles,
    SubtreeSimpleIndex,
    look_in_vain,
    wanted_by,
)
from pyregistry.resources.namespaces import NamespaceResource


class Api(Resource):
    """`/api`: one version so far."""

    def __getitem__(self, segment: str) -> Resource:
        if segment != "v4":
            raise KeyError(segment)
        return ApiVersion4(self.request, self, segment)


class ApiVersion4(Resource):
    """`/api/v4`."""

    def __getitem__(self, segment: str) -> Resource:
        kind = _OF_THE_INSTANCE.get(segment)
        if kind is None:
            raise KeyError(segment)
        return kind(self.request, self, segment)


def identifier_of(segments: tuple[str, ...]) -> tuple[str, ...]:
    """The segments of an `:id` at the beginning of others: a number, or a path."""
    if segments and is_number(segments[0]):
        return segments[:1]
    # Whatever follows an `:id` is a reserved word, so that no path can hold it.
    return tuple(takewhile(lambda segment: segment not in RESERVED_SEGMENTS, segments))


class NamespacesById(Resource):
    """Takes the segments of an `:id`: a number, or a path of as many segments as it has.

    WSGI gives `acme%2Fcore` as the segments `acme` and `core`. Once the namespace is
    found, this resource itself is its parent, and not an eaten segment, so that
    addresses made from the tree name the path once.
    """

    kind: ClassVar[NamespaceKind]
    index_at: ClassVar[tuple[str, ...]]
    """The segments between an `:id` and its index."""
    mounted: ClassVar[type[NamespaceResource]]
    """The resource of a namespace that is found."""

    def __init__(self, request: Request, parent: Resource | None, name: str) -> None:
        super().__init__(request, parent, name)
        segments = split_path_info(request.environ["PATH_INFO"])[3:]  # after api, v4, this
        self._identifier = identifier_of(segments)
        self._rest = segments[len(self._identifier) :]
        self._eaten = 0

    def __acl__(self) -> AccessControlList:
        return collection_acl()

    def __getitem__(self, segment: str) -> Resource:
        self._eaten += 1
        if self._eaten < len(self._identifier):
            return self
        resolution = resolve_identifier(self.request, self._identifier, self.kind, self._wanted())
        if not resolution.namespaces:
            look_in_vain(self.request, self._index_rest())
            raise KeyError(segment)
        lineage = resolution.namespaces[::-1]
        return self.mounted(self.request, self, "/".join(self._identifier), lineage, resolution)

    def _index_rest(self) -> tuple[str, ...]:
        """The segments below the address of the namespace's index and files, if that is asked."""
        prefix = len(self.index_at)
        return self._rest[prefix:] if self._rest[:prefix] == self.index_at else ()

    def _wanted(self) -> Wanted | None:
        return wanted_by(self._index_rest())


class ApiNamespace(NamespaceResource):
    """A group or project in the API."""

    below: ClassVar[dict[str, type[OfNamespace]]] = {
        "access_tokens": ApiAccessTokens,
        "deploy_tokens": ApiDeployTokens,
        "members": ApiMembers,
        "transfer_locations": ApiTransferLocations,
    }
    """What belongs to the group or project."""

    def __getitem__(self, segment: str) -> Resource:
        if segment == "usage":
            self.check_packages_available(segment)
        if segment == "audit_events":
            return ApiAuditEvents(self.request, self, segment, self.record)
        return self.below[segment](self.request, self, segment, self.record)


class ApiProject(ApiNamespace):
    """`/api/v4/projects/:id`."""

    below: ClassVar[dict[str, type[OfNamespace]]] = {
        **ApiNamespace.below,
        "job_tokens": ApiJobTokens,
        "transfer": ApiProjectTransfer,
        "trusted_publishers": ApiTrustedPublishers,
        "usage": ApiProjectUsage,
    }

    def __getitem__(self, segment: str) -> Resource:
        if segment == "packages":
            self.check_packages_available(segment)
            return ApiPackages(self.request, self, segment, self)
        if segment == "explain":
            return ApiProjectExplanation(self.request, self, segment)
        return super().__getitem__(segment)


class ApiGroup(ApiNamespace):
    """`/api/v4/groups/:id`."""

    below: ClassVar[dict[str, type[OfNamespace]]] = {
        **ApiNamespace.below,
        "descendant_groups": ApiDescendantGroups,
        "projects": ApiGroupProjects,
        "reserved_prefixes": ApiReservedPrefixes,
        "subgroups": ApiSubgroups,
        "transfer": ApiGroupTransfer,
        "usage": ApiGroupUsage,
    }

    def __getitem__(self, segment: str) -> Resource:
        if segment == "packages":
            self.check_packages_available(segment)
            return ApiGroupPackages(self.request, self, segment, self)
        if segment == "explain":
            return ApiGroupExplanation(self.request, self, segment)
        if segment == "-":
            return ApiGroupEndpoints(self.request, self, segment, self)
        return super().__getitem__(segment)


class ApiGroupEndpoints(Resource):
    """`/api/v4/groups/:id/-`, and its `packages` and `packages/pypi`."""

    _path: ClassVar[dict[str, str]] = {"-": "packages", "packages": "pypi"}

    def __init__(self, request: Request, parent: Resource, name: str, group: ApiGroup) -> None:
        super().__init__(request, parent, name)
        self._group = group

    def __getitem__(self, segment: str) -> Resource:
        if segment == "packages":
            self._group.check_packages_available(segment)
        if self._path.get(self.__name__) == segment:
            return ApiGroupEndpoints(self.request, self, segment, self._group)
        group_id = self._group.record.id
        if self.__name__ == "pypi" and segment == "simple":
            return SubtreeSimpleIndex(
                self.request, self, segment, self._group.resolution, group_id=group_id
            )
        if self.__name__ == "pypi" and segment == "files":
            return SubtreeFiles(self.request, self, segment, group_id=group_id)
        raise KeyError(segment)


class ApiProjects(NamespacesById):
    """`/api/v4/projects`."""

    kind = NamespaceKind.PROJECT
    index_at = ("packages", "pypi")
    mounted = ApiProject


class ApiGroups(NamespacesById):
    """`/api/v4/groups`."""

    kind = NamespaceKind.GROUP
    index_at = ("-", "packages", "pypi")
    mounted = ApiGroup

    def _wanted(self) -> Wanted | None:
        if self._rest == ("packages",):
            # Who may read the index may read this list; what is in it is asked for later.
            return Wanted(package=None, any_project=True)
        return super()._wanted()


_OF_THE_INSTANCE: dict[str, type[Resource]] = {
    "admin": ApiAdmin,
    "application": ApiApplication,
    "audit_events": ApiAuditEvents,
    "deploy_tokens": ApiAllDeployTokens,
    "explain": ApiExplanation,
    "groups": ApiGroups,
    "health": ApiHealth,
    "metadata": ApiMetadata,
    "openapi.json": ApiDocument,
    "personal_access_tokens": ApiPersonalTokens,
    "projects": ApiProjects,
    "usage": ApiUsage,
    "user": ApiUser,
    "users": ApiUsers,
    "version": ApiVersion,
}
