"""Files that the server sends by itself: it knows its own wrapper again, and all is counted."""

import socket
from collections.abc import Iterable
from typing import Any

import pytest
from gunicorn.http.wsgi import FileWrapper
from waitress.buffers import ReadOnlyFileBasedBuffer
from webob import Request

from tests.factories.distributions import wheel
from tests.factories.world import World
from tests.functional.support import PROJECT
from tests.functional.watched import logged, watched

WHEEL = wheel()
SIZE = len(WHEEL.content)
ADDRESS = f"/{PROJECT}/-/files/{WHEEL.sha256}/{WHEEL.filename}"
WRAPPERS = pytest.mark.parametrize("wrapper", [FileWrapper, ReadOnlyFileBasedBuffer])


@pytest.fixture
def public(world: World) -> World:
    """A public project with one wheel."""
    world.project(PROJECT, "public")
    world.upload(PROJECT, WHEEL)
    return world


def ask(world: World, wrapper: type | None, **headers: str) -> Any:
    """The body as a server gets it, which has such a wrapper or none."""
    environ = Request.blank(ADDRESS, headers=headers).environ
    if wrapper is not None:
        environ["wsgi.file_wrapper"] = wrapper
    return watched(world).app(environ, lambda *_: None)


def sent_bytes(body: Any, taken: Iterable[bytes]) -> tuple[bytes, int]:
    """What was taken of a body, and what the log says of it after its end."""
    with logged() as log:
        content = b"".join(taken)
        body.close()
        body.close()
    (line,) = log.accesses
    return content, line["sent_bytes"]


@WRAPPERS
@pytest.mark.parametrize(
    ("asked", "part"), [("bytes=0-", slice(None)), ("bytes=5-900", slice(5, 901))]
)
def test_a_server_that_reads(public: World, wrapper: type, asked: str, part: slice) -> None:
    body = ask(public, wrapper, Range=asked)
    assert type(body) is wrapper
    expected = WHEEL.content[part]
    assert sent_bytes(body, body) == (expected, len(expected))


def test_a_server_that_looks_ahead(public: World) -> None:
    body = ask(public, ReadOnlyFileBasedBuffer)
    # As Waitress sends: what it looks at and cannot send is not sent.
    assert body.prepare(SIZE) == SIZE
    assert body.get(9) == WHEEL.content[:9]
    taken = [body.get(5, skip=True)]
    body.get(50)
    assert sent_bytes(body, taken) == (WHEEL.content[:5], 5)


@pytest.mark.parametrize("count", [SIZE - 7, 100])
def test_the_system_copies(public: World, count: int) -> None:
    body = ask(public, FileWrapper, Range="bytes=7-")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        # As gunicorn does; a client that breaks off has less of it.
        offset = body.filelike.tell()
        ours.sendfile(body.filelike, offset=offset, count=count)
        ours.close()
        received = theirs.makefile("rb").read()
    assert sent_bytes(body, [received]) == (WHEEL.content[7 : 7 + count], count)


def test_a_server_without_a_wrapper(public: World) -> None:
    body = ask(public, None)
    assert sent_bytes(body, body) == (WHEEL.content, SIZE)
