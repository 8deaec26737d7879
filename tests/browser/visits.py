"""Browsers of people, each watched: what a page must not do fails the test."""

import os
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    Response,
    WebError,
)

from pyregistry.authnz.credentials import SESSION_COOKIE
from tests.browser.content import on_time
from tests.clients.server import Server
from tests.factories.world import World
from tests.functional.support import session_secret_of

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")

_LOAD_FAILED = "Failed to load resource: "
"""Chromium says so of every refusal and of what was kept from loading: both are seen here."""


class Size(NamedTuple):
    """The size of a window, in CSS pixels."""

    name: str
    width: int
    height: int


DESKTOP = Size("desktop", 1440, 900)
PHONE = Size("phone", 390, 844)
SIZES = (DESKTOP, PHONE)

_PICTURED: set[tuple[Size, Scheme]] = {(DESKTOP, "light"), (PHONE, "dark")}
_ALL_PICTURES = os.environ.get("SCREENSHOTS") == "all"


def is_pictured(size: Size, scheme: Scheme) -> bool:
    """Whether a picture is left: one of each size and of each scheme; all with SCREENSHOTS=all.

    To draw a whole page as a picture takes time.
    """
    return _ALL_PICTURES or (size, scheme) in _PICTURED


@dataclass
class Watch:
    """What a browser has done that it should not have done."""

    server: Server
    strangers_images: bool = False
    """Whether a README may show pictures. From other hosts they are asked for, and not fetched."""
    troubles: list[str] = field(default_factory=list)
    asked_elsewhere: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch all pages of a browser, which finds no host but the server's."""
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("dialog", self._dialog)
        context.on("response", self._response)

    def _request(self, request: Request) -> None:
        if request.url.startswith((f"{self.server.address}/", "data:")):
            return
        self.asked_elsewhere.append(request.url)
        if not (self.strangers_images and request.resource_type == "image"):
            self.troubles.append(f"a {request.resource_type} was asked for at {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        # What the Content-Security-Policy refuses is told here, too.
        if message.type in ("error", "warning") and not message.text.startswith(_LOAD_FAILED):
            self.troubles.append(f"{message.type} in the console: {message.text}")

    def _error(self, error: WebError) -> None:
        self.troubles.append(f"a script failed: {error.error}")

    def _dialog(self, dialog: Dialog) -> None:
        self.troubles.append(f"a dialogue opened: {dialog.message}")
        dialog.dismiss()

    def _response(self, response: Response) -> None:
        kind = response.request.resource_type
        # A README may name pictures that lie beside it, where its author keeps it.
        may_be_refused = kind == "document" or (kind == "image" and self.strangers_images)
        if response.status >= 500 or (response.status >= 400 and not may_be_refused):
            self.troubles.append(f"{response.status} {response.url}")


@dataclass
class Visits:
    """Opens browsers: each call is another person, who has never been here."""

    chromium: Browser
    server: Server
    world: World
    _opened: list[tuple[BrowserContext, Watch]] = field(default_factory=list)

    def begin(
        self,
        *,
        user: str | None = None,
        size: Size = DESKTOP,
        scheme: Scheme = "light",
        javascript: bool = True,
        strangers_images: bool = False,
        clipboard: bool = False,
    ) -> Page:
        """A new browser with an empty page.

        `user` is signed in already; `clipboard`: whether pages may read what they have copied.
        """
        context = self.chromium.new_context(
            base_url=self.server.address,
            viewport={"width": size.width, "height": size.height},
            is_mobile=size is PHONE,
            has_touch=size is PHONE,
            color_scheme=scheme,
            java_script_enabled=javascript,
            reduced_motion="reduce",
            locale="en-GB",
            permissions=["clipboard-read", "clipboard-write"] if clipboard else [],
        )
        watch = Watch(self.server, strangers_images)
        watch.over(context)
        self._opened.append((context, watch))
        if user is not None:
            secret = session_secret_of(on_time(self.world), user)
            context.add_cookies(
                [{"name": SESSION_COOKIE, "value": secret, "url": self.server.address}]
            )
        return context.new_page()

    def watch_of(self, page: Page) -> Watch:
        """What the browser of a page has done."""
        return next(watch for context, watch in self._opened if context == page.context)

    def new_troubles(self) -> list[str]:
        """What the browsers have done that they should not have done, since the last time."""
        found = [trouble for _, watch in self._opened for trouble in watch.troubles]
        for _, watch in self._opened:
            watch.troubles.clear()
        return found

    def end(self) -> list[str]:
        """Close all browsers; what they should not have done."""
        for context, _ in self._opened:
            context.close()
        return self.new_troubles()
