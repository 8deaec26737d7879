"""Files that browsers and crawlers look for at the top, whatever else is there."""

from typing import Final

from pyregistry.resources.base import Resource


class RobotsFile(Resource):
    """`/robots.txt`: what crawlers may read."""


class FaviconFile(Resource):
    """`/favicon.ico`: where browsers look for the picture of a page that names none."""


TOP_LEVEL_FILES: Final[dict[str, type[Resource]]] = {
    "robots.txt": RobotsFile,
    "favicon.ico": FaviconFile,
}
