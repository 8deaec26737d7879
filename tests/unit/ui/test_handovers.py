"""Secrets on their way to the page that shows them once."""

from typing import Any

import pytest
from pyramid.request import Request
from pyramid.response import Response

from pyregistry.authnz.credentials import SESSION_COOKIE
from pyregistry.ui.handovers import COOKIE, hand_over, take_over

PAGE = "/acme/-/tokens"
MADE = {"token": 7, "secret": "pyrpat_x"}


def request_with(secret: str | None, cookie: str | None = None) -> Any:
    """A request for the page by a browser with these cookies."""
    request = Request.blank(PAGE)
    request.response = Response()
    if secret is not None:
        request.cookies[SESSION_COOKIE] = secret
    if cookie is not None:
        request.cookies[COOKIE] = cookie
    return request


def cookie_of(made: dict[str, Any], secret: str = "s1") -> str:
    response = hand_over(request_with(secret), PAGE, made)
    assert response is not None
    cookie: str = response.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    return cookie


@pytest.mark.parametrize("made", [MADE, {"password": "ü”; =\n"}, {}])
def test_the_page_gets_it(made: dict[str, Any]) -> None:
    request = request_with("s1", cookie_of(made))
    assert take_over(request) == made
    assert request.response.headers["Cache-Control"] == "no-store"


def test_it_waits_for_one_page_alone_and_not_for_long() -> None:
    response = hand_over(request_with("s1"), PAGE, MADE)
    assert response is not None
    assert (response.status_int, response.location) == (303, f"http://localhost{PAGE}")
    assert response.headers["Cache-Control"] == "no-store"
    cookie = response.headers["Set-Cookie"]
    for part in (f"Path={PAGE};", "Max-Age=60;", "HttpOnly", "SameSite=Strict"):
        assert part in cookie
    assert MADE["secret"] not in cookie


@pytest.mark.parametrize("cookie", [cookie_of(MADE), "broken"], ids=["right", "wrong"])
def test_it_waits_no_more(cookie: str) -> None:
    request = request_with("s1", cookie)
    take_over(request)
    gone = request.response.headers["Set-Cookie"]
    assert gone.startswith(f"{COOKIE}=;")
    assert "Max-Age=0" in gone
    assert f"Path={PAGE}" in gone
    request = request_with("s1")
    take_over(request)
    assert "Set-Cookie" not in request.response.headers


def test_nobody_else_reads_it_or_puts_a_secret_in() -> None:
    genuine = cookie_of(MADE)
    head, *rest = genuine.split(".")
    for forged in (
        cookie_of(MADE, secret="s2"),
        ".".join([head, *rest[:-1], "AAAA"]),
        genuine[:-3],
        head,
        "....",
        "",
        "x" * 5000,
    ):
        request = request_with("s1", forged)
        assert take_over(request) is None, forged
        assert "Cache-Control" not in request.response.headers
    assert take_over(request_with(None, genuine)) is None


def test_where_nobody_is_signed_in_the_answer_shows_it() -> None:
    assert hand_over(request_with(None), PAGE, MADE) is None


def test_cookies_that_are_not_text_are_none() -> None:
    request = Request.blank(PAGE, headers={"Cookie": b"pyregistry_x=\xff".decode("latin-1")})
    assert take_over(request) is None
