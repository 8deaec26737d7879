"""The JSON API, in the shape of GitLab's."""

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Register the API's views."""
    config.include("pyregistry.api.sudo")
    config.scan("pyregistry.api.views")
