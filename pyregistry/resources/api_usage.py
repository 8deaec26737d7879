"""Usage in the JSON API, of the instance, of groups and of projects."""

from pyregistry.resources.base import OfGroup, OfProject, Resource


class ApiUsage(Resource):
    """`/api/v4/usage`: of the whole instance."""

    namespace = None


class ApiGroupUsage(OfGroup):
    """`/api/v4/groups/:id/usage`: of what the caller may read in the group."""


class ApiProjectUsage(OfProject):
    """`/api/v4/projects/:id/usage`."""
