"""Other indexes, on loopback: a registry behind a real server, and files written by hand."""

import threading
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer, ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        pass


class _ThreadingServer(ThreadingMixIn, WSGIServer):
    pass


@contextmanager
def served(wsgi: Any) -> Iterator[str]:
    """The address of a server that answers by an application, without a slash at its end."""
    server = make_server("127.0.0.1", 0, wsgi, _ThreadingServer, _QuietHandler)
    with _running(server):
        yield f"http://127.0.0.1:{server.server_port}"


@contextmanager
def _running(server: BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


Answer = tuple[int, Mapping[str, str], bytes]


@dataclass
class Static:
    """Answers by path; whatever was asked is kept, with the credentials that came along."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    meanwhile: dict[str, Callable[[], object]] = field(default_factory=dict)
    """What is done when a path is asked for, before the answer."""
    address: str = ""

    def add(
        self,
        path: str,
        body: bytes | str = b"",
        kind: str = "text/html",
        status: int = 200,
        **headers: str,
    ) -> None:
        """Answer a path with a body; `Location="…"` is a header."""
        content = body.encode() if isinstance(body, str) else body
        self.answers[path] = (status, {"Content-Type": kind, **headers}, content)

    def logins(self, path: str) -> list[str | None]:
        """The credentials that came with each request of a path."""
        return [login for asked, login in self.asked if asked == path]


@contextmanager
def static() -> Iterator[Static]:
    """A server with nothing on it yet."""
    site = Static()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
    site.address = f"http://127.0.0.1:{server.server_port}"
    with _running(server):
        yield site


def _handler(site: Static) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            login = self.headers.get("Authorization")
            if login is not None:
                login = b64decode(login.removeprefix("Basic ")).decode()
            site.asked.append((self.path, login))
            site.meanwhile.get(self.path, lambda: None)()
            status, headers, body = site.answers.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            pass

    return Handler
