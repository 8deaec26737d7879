"""The instance itself in the JSON API: GitLab calls it the application."""

from pyregistry.resources.base import Resource


class ApiApplication(Resource):
    """`/api/v4/application`."""

    def __getitem__(self, segment: str) -> Resource:
        if segment != "settings":
            raise KeyError(segment)
        return ApiInstanceSettings(self.request, self, segment)


class ApiInstanceSettings(Resource):
    """`/api/v4/application/settings`: what administrators decide for the whole instance."""
