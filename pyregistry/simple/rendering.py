"""A page and a media type make bytes."""

from pyregistry.simple.html_pages import render_index_html, render_package_html
from pyregistry.simple.json_pages import render_index_json, render_package_json
from pyregistry.simple.negotiation import MediaType
from pyregistry.simple.pages import IndexPage, PackagePage


def render_package(page: PackagePage, media_type: MediaType) -> bytes:
    """The page of one package in UTF-8; both HTML types have the same bytes."""
    if media_type is MediaType.JSON:
        return render_package_json(page)
    return render_package_html(page)


def render_index(page: IndexPage, media_type: MediaType) -> bytes:
    """The page of all names in UTF-8; both HTML types have the same bytes."""
    if media_type is MediaType.JSON:
        return render_index_json(page)
    return render_index_html(page)
