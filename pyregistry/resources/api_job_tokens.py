"""Job tokens in the JSON API."""

from pyregistry.resources.base import OfProject


class ApiJobTokens(OfProject):
    """`/api/v4/projects/:id/job_tokens`: where a project's job tokens are created."""
