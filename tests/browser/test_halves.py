"""A page that comes in two halves, as over a slow line, stays where it is when the other comes."""

import re
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser

from pyregistry.authnz.credentials import SESSION_COOKIE
from tests.browser.checks import check_layout
from tests.clients.server import Server
from tests.factories.world import World
from tests.functional.support import session_secret_of

pytestmark = pytest.mark.browser

_PAUSE = 0.5
"""Seconds between the halves: several times what a browser needs to paint."""


@contextmanager
def halving(server: Server, first_half: bytes) -> Iterator[str]:
    """The address of a server that hands on the other's pages, each in two halves.

    The first half of a page ends with what this expression matches.
    """

    class Relay(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {"Cookie": self.headers["Cookie"]} if self.headers["Cookie"] else {}
            asked = urllib.request.Request(server.address + self.path, headers=headers)
            with urllib.request.urlopen(asked) as answer:
                body, kind = answer.read(), answer.headers["Content-Type"]
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            matched = re.search(first_half, body, re.DOTALL)
            assert matched or not kind.startswith("text/html"), body
            half = matched.end() if matched else 0
            self.wfile.write(body[:half])
            time.sleep(_PAUSE if half else 0)
            self.wfile.write(body[half:])

        def log_message(self, *_arguments: object) -> None:
            pass

    relay = ThreadingHTTPServer(("127.0.0.1", 0), Relay)
    thread = threading.Thread(target=relay.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{relay.server_port}"
    finally:
        relay.shutdown()
        thread.join()
        relay.server_close()


def test_the_rest_of_a_table_moves_nothing(chromium: Browser, server: Server, world: World) -> None:
    """The columns of a table are as wide as its widest cell, which may come last."""
    with (
        halving(server, rb"<tbody.*?</tr>") as address,
        chromium.new_context(base_url=address) as context,
    ):
        secret = session_secret_of(world, "dora")
        context.add_cookies([{"name": SESSION_COOKIE, "value": secret, "url": address}])
        page = context.new_page()
        page.goto("/acme/data/warehouse/?q=grid&sort=-pulls")
        assert page.locator("tbody tr").count() > 1
        check_layout(page)


def test_the_rest_of_the_footer_moves_nothing(chromium: Browser, server: Server) -> None:
    """On a short page it stands at the bottom of the window, and grows upwards."""
    with (
        halving(server, rb"<footer[^>]*>") as address,
        chromium.new_context(base_url=address) as context,
    ):
        page = context.new_page()
        page.goto("/-/search")
        check_layout(page)
