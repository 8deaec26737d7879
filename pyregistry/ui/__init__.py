"""The pages for people: views, templates and static files."""

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Register templates, static files, headers and the views of pages."""
    config.include("pyregistry.ui.rendering")
    config.include("pyregistry.ui.static_files")
    config.include("pyregistry.ui.headers")
    config.include("pyregistry.ui.flashes")
    config.scan("pyregistry.ui.views")
