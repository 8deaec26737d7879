"""What several functional tests need: the state of a registry, streams, and links."""

import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import get_ident
from typing import Any
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup
from pyramid.registry import Registry
from sqlalchemy import event, func, select
from webob import Request as WebObRequest
from webob import Response as WebObResponse
from webtest import TestApp, TestRequest, TestResponse

from pyregistry.accounts.services.sessions import sign_in
from pyregistry.api.limits import OF_NAMESPACES as LIMITS
from pyregistry.authnz.credentials import SESSION_COOKIE
from pyregistry.events.models import UsageCount
from pyregistry.models import metadata
from pyregistry.namespaces.models import Namespace
from pyregistry.namespaces.services.create import find
from pyregistry.packaging.models import File, FileMetadata, Package, RegistrySerial, Release
from tests.factories import uploads
from tests.factories.distributions import Distribution
from tests.factories.world import PASSWORD, World, fields_of

JSON = "application/vnd.pypi.simple.v1+json"
PROJECT = "acme/core"
NO_QUERIES = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")
DAY = 24 * 60 * 60
Limited = Callable[..., World]
"""What the fixture `limited` gives."""


def contents(world: World) -> dict[str, Any]:
    """Everything that an upload could leave behind, in the database and on disk."""
    with world.components.database.reading() as session:
        rows: dict[str, Any] = {
            model.__name__: session.scalars(select(func.count()).select_from(model)).one()
            for model in (Package, Release, File, FileMetadata)
        }
        rows["events"] = len(world.events())
        rows["usage"] = session.scalars(select(func.sum(UsageCount.count))).one() or 0
        rows["serial"] = session.scalars(select(RegistrySerial.value)).one()
        rows["counts"] = session.execute(
            select(
                func.sum(Namespace.packages_count),
                func.sum(Namespace.files_count),
                func.sum(Namespace.storage_bytes),
            )
        ).one()
    return {**rows, "stored": world.stored_objects(), "leftovers": world.leftovers()}


def database_dump(world: World) -> dict[str, list[str]]:
    """Every row of every table, without the last uses of tokens, which every request is."""
    world.components.recorder.flush()
    with world.components.database.reading() as session:
        return {
            table.name: sorted(
                map(
                    repr,
                    session.execute(
                        select(*(c for c in table.columns if not c.name.startswith("last_used_")))
                    ),
                )
            )
            for table in metadata.sorted_tables
        }


def project_row(world: World, path: str = PROJECT) -> Namespace:
    """The row of a project, as committed."""
    with world.components.database.reading() as session:
        return find(session, path)


@contextmanager
def statements(world: World) -> Iterator[list[str]]:
    """The statements that this thread executes inside the block; the recorder has its own."""
    executed: list[str] = []
    here = get_ident()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if get_ident() == here and not statement.startswith(NO_QUERIES):
            executed.append(statement)

    engine = world.components.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield executed
    finally:
        event.remove(engine, "before_cursor_execute", note)


def untouched(world: World, method: str, address: str, headers: dict[str, str]) -> WebObResponse:
    """The answer as it is sent: WebTest's client unpacks what is compressed."""
    request = WebObRequest.blank(address, method=method, headers=headers)
    response: WebObResponse = request.get_response(world.app.app)
    return response


class Stream(io.RawIOBase):
    """A request body in pieces; what is callable is called when the reading comes to it."""

    def __init__(self, *pieces: bytes | Callable[[], object]) -> None:
        super().__init__()
        self._pieces = list(pieces)

    def read(self, size: int = -1) -> bytes:
        while self._pieces:
            piece = self._pieces.pop(0)
            if not isinstance(piece, bytes):
                piece()
                continue
            if 0 <= size < len(piece):
                self._pieces.insert(0, piece[size:])
                return piece[:size]
            return piece
        return b""


def upload_with(
    world: World,
    distribution: Distribution,
    headers: dict[str, str],
    meanwhile: Callable[[], object],
    *,
    address: str = f"/{PROJECT}/-/legacy/",
) -> TestResponse:
    """Publish, and let something happen while the body is being sent."""
    content_type, body = uploads.twine(
        fields_of(distribution), distribution.filename, distribution.content
    )
    half = len(body) // 2
    return send_stream(
        world,
        Stream(body[:half], meanwhile, body[half:]),
        {**headers, "Content-Type": content_type, "Content-Length": str(len(body))},
        address=address,
    )


def send_stream(
    world: World, stream: Any, headers: dict[str, str], *, address: str = f"/{PROJECT}/-/legacy/"
) -> TestResponse:
    """Post a body that is read as the application reads it."""
    length = headers.get("Content-Length")
    request = TestRequest.blank(address, method="POST", headers=headers)
    request.body_file = stream
    request.content_length = length
    request.environ["REMOTE_ADDR"] = "192.0.2.7"
    return world.app.do_request(request, expect_errors=True)


def with_settings(world: World, registry: Registry, **settings: Any) -> None:
    """Change settings of the world's registry."""
    components = world.components
    world.components = replace(components, settings=replace(components.settings, **settings))
    registry["pyregistry.components"] = world.components


def signed_in_app(world: World, username: str) -> TestApp:
    """A browser in which the user has signed in; the user must not exist yet."""
    world.user(username, password=PASSWORD)
    return browser(world, username)


def browser(world: World, username: str) -> TestApp:
    """A browser in which a user with the usual password has signed in."""
    app = TestApp(world.app.app, extra_environ={"REMOTE_ADDR": "192.0.2.7"})
    app.set_cookie(SESSION_COOKIE, session_secret_of(world, username))
    return app


def session_secret_of(world: World, username: str) -> str:
    """The secret of a new browser session of a user with the usual password."""
    secret = sign_in(
        world.components.database,
        username,
        PASSWORD,
        lifetime=world.components.settings.sessions_lifetime,
        address=None,
        user_agent=None,
        now=world.clock(),
    )
    assert secret is not None
    return secret


def read_json(world: World, address: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """A simple page as JSON."""
    response = world.app.get(address, headers={"Accept": JSON, **(headers or {})})
    assert response.content_type == JSON
    found: dict[str, Any] = response.json
    return found


def without_limits(shown: dict[str, Any]) -> dict[str, Any]:
    """A group or project as lists and its creation show it: the limits cost queries."""
    return {name: shown[name] for name in shown if name not in {*LIMITS, "effective_limits"}}


def names_in(world: World, address: str, headers: dict[str, str] | None = None) -> list[str]:
    """The names that an index page lists."""
    return [project["name"] for project in read_json(world, address, headers)["projects"]]


def filenames_in(world: World, address: str, headers: dict[str, str] | None = None) -> list[str]:
    """The files that a package page offers."""
    return [file["filename"] for file in read_json(world, address, headers)["files"]]


def anchors(response: TestResponse) -> Sequence[Any]:
    """The links of an HTML page."""
    return BeautifulSoup(response.text, "html.parser").find_all("a")


def followed(response: TestResponse, link: str) -> str:
    """The path that a link on the page leads to, as clients resolve it."""
    return urlsplit(urljoin(response.request.url, link)).path


def links_of(response: TestResponse) -> dict[str, str]:
    """The addresses of the header `Link`, by their relation."""
    parts = re.findall(r'<([^>]*)>; rel="(\w+)"', response.headers.get("Link", ""))
    return {relation: address for address, relation in parts}


def sentence_of(response: TestResponse) -> str:
    """The sentence of a refusal: one line, the same in the reason phrase and in the body."""
    reason = response.status.partition(" ")[2]
    if response.content_type == "application/problem+json":
        said = response.json["detail"]
    elif response.content_type == "application/json":
        said = response.json["message"]
    else:
        said = response.text.removesuffix("\n")
    assert "\n" not in said
    assert said == reason
    assert len(said) > len("Bad Request")
    return str(said)


def send_json(
    world: World,
    method: str,
    address: str,
    headers: dict[str, str],
    status: int,
    **parameters: Any,
) -> Any:
    """Send parameters as JSON; the body of the answer, or the sentence of a refusal."""
    response = world.app.request(
        address,
        method=method,
        body=json.dumps(parameters).encode(),
        headers={**headers, "Content-Type": "application/json"},
        status=status,
    )
    if status >= 400:
        return sentence_of(response)
    return response.json if response.body else None


def from_address(world: World, address: str) -> TestApp:
    """A client at another address."""
    return TestApp(world.app.app, extra_environ={"REMOTE_ADDR": address})


def check_wait(response: TestResponse) -> None:
    """Check the answer of a limit with a window of a day."""
    assert response.status_int == 429
    assert DAY - 3600 < int(response.headers["Retry-After"]) <= DAY
    assert response.headers["Cache-Control"] == "no-store"


def lasting_headers(response: TestResponse) -> dict[str, str]:
    """The headers that the same request gets again: all but the id of the request."""
    return {name: value for name, value in response.headers.items() if name != "X-Request-Id"}
