"""What stands between a client and a real S3 server, and breaks as it is told."""

import contextlib
import http.client
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

CHUNK = 64 * 1024
ANSWERS = {
    "500": (500, "InternalError"),
    "503": (503, "SlowDown"),
    "507": (507, "XMinioStorageFull"),
    "garbage": (200, ""),
}


@dataclass(frozen=True)
class Seen:
    """A request as it came in; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]


class FaultyS3:
    """Passes every request on to a server, records it, and fails where a test says so.

    Kinds of failure: `500`, `503`, `507` (an answer of that status), `garbage` (an answer that
    is no XML), `reset` (the connection breaks before the answer), `stall` (no answer until the
    end of the test), `truncate` and `stall in the body` (half of the body, then the end or
    nothing), `damage` (the body of the request arrives otherwise).
    """

    def __init__(self, port: int) -> None:
        self.seen: list[Seen] = []
        self._upstream = port
        self._fault: tuple[str, str] | None = None
        self._left = 0
        self._ended = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def fail(self, kind: str, method: str = "", times: int = 1_000_000) -> None:
        """Fail so often from now on, where the method is this one (any, if empty)."""
        self._fault, self._left = (kind, method), times

    def heal(self) -> None:
        """Fail no more."""
        self._fault = None

    def stop(self) -> None:
        """Let go of whoever still waits."""
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def fault_for(self, method: str) -> str | None:
        """How this request fails."""
        if self._fault is None or self._left <= 0:
            return None
        kind, wanted = self._fault
        if wanted not in ("", method):
            return None
        self._left -= 1
        return kind

    def wait(self) -> None:
        """Say nothing until the test is over."""
        self._ended.wait(60)

    def ask(self, seen: Seen, body: bytes) -> http.client.HTTPResponse:
        """The answer of the real server."""
        connection = http.client.HTTPConnection("127.0.0.1", self._upstream, timeout=60)
        connection.putrequest(seen.method, seen.path, skip_host=True, skip_accept_encoding=True)
        for name, value in seen.headers.items():
            if name not in ("connection", "expect"):
                connection.putheader(name, value)
        connection.endheaders(body or None)
        return connection.getresponse()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        faulty = self

        class Handler(_Handler):
            outside = faulty

        return Handler


class _Handler(BaseHTTPRequestHandler):
    outside: FaultyS3
    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        with contextlib.suppress(ConnectionError):
            super().handle_one_request()

    def do_any(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(self.command, self.path, headers)
        body = self.rfile.read(int(headers.get("content-length", 0)))
        self.outside.seen.append(seen)
        fault = self.outside.fault_for(self.command)
        if fault in ANSWERS:
            self._answer(*ANSWERS[fault])
        elif fault == "reset":
            self._reset()
        elif fault == "stall":
            self.outside.wait()
            self.close_connection = True
        else:
            if fault == "damage":
                body = bytes(byte ^ 1 for byte in body)
            self._pass_on(self.outside.ask(seen, body), fault)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_any  # noqa: N815

    def log_message(self, *_arguments: Any) -> None:
        pass

    def _answer(self, status: int, code: str) -> None:
        error = f"<Error><Code>{code}</Code><Message>no</Message></Error>"
        body = error.encode() if code else b"<<<"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _pass_on(self, answer: http.client.HTTPResponse, fault: str | None) -> None:
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() != "connection":
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.close_connection = True
        self.end_headers()
        halved = fault in ("truncate", "stall in the body")
        left = int(answer.getheader("Content-Length") or 0) // 2
        for chunk in _chunks(answer):
            self.wfile.write(chunk[:left] if halved else chunk)
            left -= len(chunk)
            if halved and left <= 0:
                break
        self.wfile.flush()
        if fault == "stall in the body":
            self.outside.wait()

    def _reset(self) -> None:
        """End the connection with RST."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True


def _chunks(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    while chunk := answer.read(CHUNK):
        yield chunk
