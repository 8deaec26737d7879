"""In how many pieces answers leave."""

from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.http.errors import InvalidHeader, InvalidHeaderName

from pyregistry.answer_sockets import WholeAnswer


class Wire:
    """What is sent, piece by piece."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        self.pieces.append(data)

    def sendfile(self, file: BytesIO, offset: int = 0, count: int | None = None) -> int:
        file.seek(offset)
        self.pieces.append(file.read(-1 if count is None else count))
        return len(self.pieces[-1])


@pytest.fixture
def wire() -> Wire:
    return Wire()


def answer(wire: Wire, **headers: str) -> WholeAnswer:
    request: Any = SimpleNamespace(method="GET", version=(1, 1), should_close=lambda: False)
    made = WholeAnswer(request, wire, SimpleNamespace(protocol="http"))
    made.start_response("200 A reason", [(k.replace("_", "-"), v) for k, v in headers.items()])
    return made


def test_a_small_answer_is_one_piece(wire: Wire) -> None:
    made = answer(wire, Content_Length="4")
    assert not made.has_begun
    made.write(b"done")
    made.close()
    (piece,) = wire.pieces
    head, _, body = piece.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert (lines[0], body) == (b"HTTP/1.1 200 A reason", b"done")
    assert b"Connection: keep-alive" in lines
    assert b"Content-Length: 4" in lines
    assert any(line.startswith(b"Date: ") and line.endswith(b" GMT") for line in lines)
    assert made.has_begun


def test_nothing_has_begun_before_the_body(wire: Wire) -> None:
    made = answer(wire, Content_Length="4")
    made.send_headers()
    assert wire.pieces == []
    assert not made.has_begun


@pytest.mark.parametrize("method", ["write", "sendfile", "both"])
def test_an_answer_that_is_too_short_ends_the_connection(wire: Wire, method: str) -> None:
    made = answer(wire, Content_Length="8")
    if method != "sendfile":
        made.write(b"half")
    assert not made.should_close()
    if method != "write":
        made.sock.sendfile(BytesIO(b"half"), 0, 8)
    made.close()
    assert made.should_close() == (method != "both")


def test_an_answer_without_a_body(wire: Wire) -> None:
    made = answer(wire, Content_Length="0")
    made.close()
    assert [piece.endswith(b"\r\n\r\n") for piece in wire.pieces] == [True]


def test_pieces_without_a_length(wire: Wire) -> None:
    made = answer(wire)
    made.write(b"one")
    made.write(b"two")
    made.close()
    assert len(wire.pieces) == 3
    assert wire.pieces[0].endswith(b"\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
    assert wire.pieces[1:] == [b"3\r\ntwo\r\n", b"0\r\n\r\n"]


def test_what_is_large_is_not_copied(wire: Wire) -> None:
    made = answer(wire, Content_Length="100000")
    large = b"x" * 100_000
    made.write(large)
    assert len(wire.pieces) == 2
    assert wire.pieces[1] is large


@pytest.mark.parametrize("times", [1, 2])
def test_headers(wire: Wire, times: int) -> None:
    """Those that were seen before are judged as the first time."""
    for _ in range(times):
        wire.pieces.clear()
        made = answer(
            wire, Content_Length="4", X_A="b", Keep_Alive="timeout=1", X_Spaces=" c ", X_Empty=""
        )
        made.write(b"done and more")
    head, _, body = wire.pieces[0].partition(b"\r\n\r\n")
    # Which headers are of the connection is gunicorn's to say, and what is too long is cut off.
    expected = [b"Content-Length: 4", b"X-A: b", b"X-Spaces: c", b"X-Empty: "]
    assert (head.split(b"\r\n")[4:], body) == (expected, b"done")


@pytest.mark.parametrize(
    "header", [("X-A", "b\r\nX-B: c"), ("X A", "b"), ("X-A", "b\n"), ("X-A", 1), (b"X-A", "b")]
)
@pytest.mark.parametrize("times", [1, 2])
def test_headers_that_are_none(wire: Wire, header: Any, times: int) -> None:
    for _ in range(times):
        made = answer(wire)
        with pytest.raises((TypeError, InvalidHeader, InvalidHeaderName)):
            made.process_headers([header])
        assert made.headers == []


def test_the_end_of_a_connection_is_said(wire: Wire) -> None:
    made = answer(wire, Content_Length="4")
    made.force_close()
    made.write(b"done")
    assert b"\r\nConnection: close\r\n" in wire.pieces[0]
