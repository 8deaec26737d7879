"""The stylesheet, the script and the picture, under addresses that change with their content."""

import hashlib
from functools import cache
from importlib.resources import files

from pyramid.config import Configurator
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.static import static_view

_FOLDER = "pyregistry:ui/static"
_YEAR = 365 * 24 * 60 * 60


def static_path(filename: str) -> str:
    """The path of a file in the static folder, below the application's mount."""
    return f"/static/{filename}?v={_digest(filename)}"


@cache
def _digest(filename: str) -> str:
    content = files("pyregistry").joinpath("ui", "static", filename).read_bytes()
    return hashlib.sha256(content).hexdigest()[:16]


def includeme(config: Configurator) -> None:
    """Serve the static folder."""
    # Not `add_static_view`: it cannot say that this view, alone, takes a subpath.
    config.add_route("static", "/static/*subpath")
    config.add_view(
        static_view(_FOLDER, cache_max_age=_YEAR, use_subpath=True),
        route_name="static",
        request_method="GET",
        permission=NO_PERMISSION_REQUIRED,
        subpath=True,
    )
