"""Trusted publishers in the JSON API."""

from pyregistry.resources.base import OfProject, Resource, number_of


class ApiTrustedPublishers(OfProject):
    """`…/projects/:id/trusted_publishers`: what ID tokens a project trusts."""

    def __getitem__(self, segment: str) -> Resource:
        # The views ask which there are, after the permission.
        return ApiTrustedPublisher(self.request, self, segment, self.project)


class ApiTrustedPublisher(OfProject):
    """`…/trusted_publishers/:publisher_id`: one of them, or none."""

    @property
    def publisher_id(self) -> int | None:
        """The trusted publisher's id; None for what can be none."""
        return number_of(self.__name__)
