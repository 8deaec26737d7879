"""Sentences for the next page, signed with the secret of the session."""

import pytest
from pyramid.events import NewResponse
from pyramid.request import Request
from pyramid.response import Response

from pyregistry.authnz.credentials import SESSION_COOKIE
from pyregistry.ui.flashes import COOKIE, flash, forget_shown, take_flash


def request_with(secret: str | None, cookie: str | None = None) -> Request:
    """A request of a browser with these cookies."""
    request = Request.blank("/")
    if secret is not None:
        request.cookies[SESSION_COOKIE] = secret
    if cookie is not None:
        request.cookies[COOKIE] = cookie
    return request


def cookie_of(sentence: str, secret: str = "s1") -> str:
    response = Response()
    flash(request_with(secret), response, sentence)
    cookie: str = response.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    return cookie


@pytest.mark.parametrize("sentence", ["Done.", "“Ünï” <script>; a=b\nc", ""])
def test_the_next_page_says_it(sentence: str) -> None:
    assert take_flash(request_with("s1", cookie_of(sentence))) == sentence


def test_it_is_said_once() -> None:
    request = request_with("s1", cookie_of("Done."))
    for taken in (False, True):
        response = Response()
        if taken:
            take_flash(request)
        forget_shown(NewResponse(request, response))
        assert ("Max-Age=0" in response.headers.get("Set-Cookie", "")) is taken


def test_it_is_not_for_scripts_and_other_sites() -> None:
    response = Response()
    flash(request_with("s1"), response, "Done.")
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_nobody_else_puts_words_in() -> None:
    genuine = cookie_of("Done.")
    content, _, signature = genuine.partition(".")
    other = cookie_of("Send your password.", secret="s2")
    for forged in (
        other,
        f"{other.partition('.')[0]}.{signature}",
        f"{content}.",
        content,
        "",
        ".",
        "x" * 5000,
    ):
        assert take_flash(request_with("s1", forged)) is None, forged
    assert take_flash(request_with(None, genuine)) is None


def test_without_a_session_nothing_is_kept() -> None:
    response = Response()
    flash(request_with(None), response, "Done.")
    assert "Set-Cookie" not in response.headers


def test_cookies_that_are_not_text_are_none() -> None:
    request = Request.blank("/", headers={"Cookie": b"pyregistry_flash=\xff".decode("latin-1")})
    assert take_flash(request) is None


@pytest.mark.parametrize("letter", ["x", "ü", "𝄞", "\0"])
def test_a_long_sentence_fits_into_a_cookie(letter: str) -> None:
    cookie = cookie_of(letter * 10_000)
    assert len(cookie) < 4000
    assert (take_flash(request_with("s1", cookie)) or "").startswith(letter * 100)
