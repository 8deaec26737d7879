"""`/robots.txt` and `/favicon.ico`."""

from typing import Final

from pyramid.httpexceptions import HTTPFound
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from pyregistry.resources.top_level_files import FaviconFile, RobotsFile
from pyregistry.ui.addresses import Addresses

_FOR_A_DAY: Final = "public, max-age=86400"
# A registry is for people and tools that know it. A crawler would follow every version of every
# package, and find nothing that belongs into a search engine. This hides nothing: roles do.
_ROBOTS: Final = "User-agent: *\nDisallow: /\n"


@view_config(context=RobotsFile, request_method="GET", permission=NO_PERMISSION_REQUIRED)
def show_robots(_context: RobotsFile, _request: Request) -> Response:
    """Ask crawlers to stay away."""
    response = Response(text=_ROBOTS, content_type="text/plain", charset="utf-8")
    response.headers["Cache-Control"] = _FOR_A_DAY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@view_config(context=FaviconFile, request_method="GET", permission=NO_PERMISSION_REQUIRED)
def show_favicon(_context: FaviconFile, request: Request) -> Response:
    """Lead to the picture that every page names."""
    response = HTTPFound(request.host_url + Addresses(request).static("favicon.svg"))
    response.headers["Cache-Control"] = _FOR_A_DAY
    return response
