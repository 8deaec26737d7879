"""The instance itself in the JSON API: GitLab calls it the application."""

from pyramid.authorization import DENY_ALL, Allow, Authenticated

from pyregistry.authnz.permissions import Permissions
from pyregistry.namespaces.acl import AccessControlList
from pyregistry.resources.api_storage_migrations import ApiStorageMigrations
from pyregistry.resources.base import Resource


class ApiApplication(Resource):
    """`/api/v4/application`."""

    def __getitem__(self, segment: str) -> Resource:
        below: dict[str, type[Resource]] = {
            "settings": ApiInstanceSettings,
            "storage_migrations": ApiStorageMigrations,
        }
        return below[segment](self.request, self, segment)


class ApiInstanceSettings(Resource):
    """`/api/v4/application/settings`: what administrators decide for the whole instance."""


class ApiSelf(Resource):
    """What everybody with an account may read, whoever they are."""

    def __acl__(self) -> AccessControlList:
        # Whoever is signed in sees the instance, a deploy token as well.
        return [
            (Allow, Authenticated, {Permissions.SELF_READ, Permissions.INDEX_READ}),
            DENY_ALL,
        ]


class ApiUser(ApiSelf):
    """`/api/v4/user`: the caller's own account."""


class ApiVersion(ApiSelf):
    """`/api/v4/version`."""


class ApiMetadata(ApiSelf):
    """`/api/v4/metadata`: the version, as newer clients ask for it."""


class ApiHealth(Resource):
    """`/api/v4/health`: how the registry is, for its administrators."""


class ApiDocument(Resource):
    """`/api/v4/openapi.json`: what the API is, which is the same at every registry."""
