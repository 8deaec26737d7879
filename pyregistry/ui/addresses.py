"""The addresses of pages, files and endpoints, as pages link to them."""

from collections.abc import Sequence
from urllib.parse import quote, unquote, urlencode, urlsplit

from pyramid.httpexceptions import HTTPMovedPermanently
from pyramid.request import Request

from pyregistry.ui.static_files import static_path

# What RFC 3986 lets stand in a segment, and names and versions hold: `1!2.0+local`.
_IN_SEGMENT = "!$&'()*+,;=:@"


class Addresses:
    """Makes addresses for one request, right under every mount, host and proxy prefix.

    Those of pages are paths from the host on, with a last slash; those that people copy
    into a tool (`index`, `upload`, `api`) are absolute.
    """

    def __init__(self, request: Request) -> None:
        self._application: str = request.application_url
        self._mount: str = urlsplit(self._application).path

    @property
    def home(self) -> str:
        """The first page."""
        return f"{self._mount}/"

    def namespace(self, full_path: str, **query: str) -> str:
        """The page of a group or project; `query` says which part of its list."""
        return f"{self._mount}/{quote(full_path)}/" + _query(**query)

    def page(self, full_path: str, *segments: str | int, **query: str) -> str:
        """A page behind the `-` of a group or project, such as its members."""
        return f"{self.namespace(full_path)}-/{_joined(segments)}" + _query(**query)

    def instance_page(self, *segments: str | int, **query: str) -> str:
        """A page behind the `-` of the instance, such as the search."""
        return f"{self._mount}/-/{_joined(segments)}" + _query(**query)

    def package(self, project_path: str, name: str) -> str:
        """The page of a package, by its normalised name."""
        return f"{self.namespace(project_path)}{_segment(name)}/"

    def release(self, project_path: str, name: str, version: str) -> str:
        """The page of a release, by its version as first uploaded."""
        return f"{self.package(project_path, name)}{_segment(version)}/"

    def package_page(self, project_path: str, name: str, *segments: str) -> str:
        """A page behind the `-` of a package, such as its deletion."""
        return f"{self.package(project_path, name)}-/{_joined(segments)}"

    def release_page(self, project_path: str, name: str, version: str, *segments: str) -> str:
        """A page behind the `-` of a release, such as its yank."""
        return f"{self.release(project_path, name, version)}-/{_joined(segments)}"

    def file(self, project_path: str, sha256: str, filename: str) -> str:
        """The download of a file."""
        return f"{self.namespace(project_path)}-/files/{sha256}/{_segment(filename)}"

    def index(self, full_path: str, *, user: str = "", password: str = "") -> str:
        """What `--index-url` takes for a group or project, absolute; with credentials in it
        where `user` is given."""
        address = f"{self._application}/{quote(full_path)}/-/simple/"
        if not user:
            return address
        scheme, _, rest = address.partition("://")
        return f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@{rest}"

    @property
    def instance_index(self) -> str:
        """What `--index-url` takes for everything that one may pull, absolute."""
        return f"{self._application}/-/simple/"

    def upload(self, project_path: str) -> str:
        """Where a project takes uploads, absolute."""
        return f"{self._application}/{quote(project_path)}/-/legacy/"

    def api(self, path: str) -> str:
        """An address of the JSON API, absolute; `path` is what follows `/api/v4/`."""
        return f"{self._application}/api/v4/{path}"

    @property
    def reference(self) -> str:
        """The page that shows the API."""
        return f"{self._mount}/-/api"

    def sign_in(self, return_to: str = "") -> str:
        """The sign-in page; afterwards it leads to the path `return_to`."""
        return f"{self._mount}/-/login" + _query(return_to=return_to)

    @property
    def sign_out(self) -> str:
        """Where the form that signs out is sent."""
        return f"{self._mount}/-/logout"

    def static(self, filename: str) -> str:
        """A file of the static folder, with its content's digest in the query."""
        return f"{self._mount}{static_path(filename)}"


def moved(request: Request, path: str) -> HTTPMovedPermanently | None:
    """A redirect to `path`, with the request's query, where another path was asked for.

    With or without its last slash a path is the same one.
    """
    asked: str = request.path
    if unquote(asked).rstrip("/") == unquote(path).rstrip("/"):
        return None
    return HTTPMovedPermanently(
        request.host_url + path + (f"?{request.query_string}" if request.query_string else "")
    )


def _joined(segments: Sequence[str | int]) -> str:
    return "/".join(_segment(str(segment)) for segment in segments)


def _segment(text: str) -> str:
    return quote(text, safe=_IN_SEGMENT)


def _query(**parameters: str) -> str:
    given = {name: value for name, value in parameters.items() if value}
    return f"?{urlencode(given)}" if given else ""
