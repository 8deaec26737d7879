"""What GitLab keeps for administrators in the JSON API."""

from pyregistry.resources.base import Resource


class ApiAdmin(Resource):
    """`/api/v4/admin`."""

    def __getitem__(self, segment: str) -> Resource:
        if segment != "token":
            raise KeyError(segment)
        return ApiFoundToken(self.request, self, segment)


class ApiFoundToken(Resource):
    """`/api/v4/admin/token`: the token whose secret is in the body, of whatever kind."""
