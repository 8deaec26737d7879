"""Signing in and out, as browsers do it and as attackers try it."""

from datetime import timedelta

import pytest

from pyregistry.accounts.models import BrowserSession
from pyregistry.authnz.credentials import SESSION_COOKIE
from tests.factories.world import PASSWORD, World
from tests.functional.ui.browsing import BROWSER, hrefs, main_text, sign_in, signed_in, visit

WRONG = "The user name or the password is wrong."


@pytest.fixture
def ada(world: World) -> World:
    """A registry with a user who has a password."""
    world.user("ada", password=PASSWORD)
    return world


def cookie_of(response: object, name: str) -> str:
    """The `Set-Cookie` header for a cookie."""
    headers = response.headers.getall("Set-Cookie")
    return next(header for header in headers if header.startswith(f"{name}="))


def test_signing_in_and_out(ada: World) -> None:
    assert "/-/login?return_to=%2F" in hrefs(visit(ada, "/"))
    response = sign_in(ada, "ada")
    assert (response.status_int, response.location) == (303, "http://localhost/")
    page = visit(ada, "/")
    assert "ada" in page.html.header.get_text()
    assert ada.count(BrowserSession) == 1
    response = page.forms["sign-out"].submit(headers=BROWSER)
    assert (response.status_int, response.location) == (303, "http://localhost/")
    assert "Max-Age=0" in cookie_of(response, SESSION_COOKIE)
    assert "ada" not in visit(ada, "/").text
    assert ada.count(BrowserSession) == 0


def test_the_page_says_who_can_give_a_new_password(ada: World) -> None:
    text = visit(ada, "/-/login").html.main.get_text()
    assert "an administrator can give you a new one." in text


def test_signing_out_ends_the_session_and_not_only_its_cookie(ada: World) -> None:
    signed_in(ada, "ada")
    secret = ada.app.cookies[SESSION_COOKIE]
    visit(ada, "/").forms["sign-out"].submit(headers=BROWSER)
    ada.app.set_cookie(SESSION_COOKIE, secret)
    assert "ada" not in visit(ada, "/").text


def test_the_user_name_has_no_case(ada: World) -> None:
    assert sign_in(ada, " ADA ").status_int == 303


def test_the_cookie(ada: World) -> None:
    cookie = cookie_of(sign_in(ada, "ada"), SESSION_COOKIE)
    lifetime = ada.components.settings.sessions_lifetime
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/;" in cookie
    assert f"Max-Age={int(lifetime.total_seconds())}" in cookie
    assert "secure" not in cookie.lower()


def test_the_cookie_is_secure_where_the_address_is(ada: World) -> None:
    ada.app.extra_environ["wsgi.url_scheme"] = "https"
    form = visit(ada, "/-/login").forms["sign-in"]
    form["username"], form["password"] = "ada", PASSWORD
    response = form.submit(headers={"Origin": "https://localhost"})
    assert "secure" in cookie_of(response, SESSION_COOKIE).lower()


def test_a_form_from_another_site_is_refused_over_https(ada: World) -> None:
    ada.app.extra_environ["wsgi.url_scheme"] = "https"
    form = visit(ada, "/-/login").forms["sign-in"]
    form["username"], form["password"] = "ada", PASSWORD
    form.submit(headers={"Origin": "https://evil.example"}, status=400)


@pytest.mark.parametrize(
    "sent_by_the_browser", [{"Origin": "http://evil.localhost"}, {"Sec-Fetch-Site": "same-site"}]
)
def test_who_knows_the_token_of_forms_signs_nobody_in_from_another_site(
    ada: World, sent_by_the_browser: dict[str, str]
) -> None:
    form = visit(ada, "/-/login").forms["sign-in"]
    form["username"], form["password"] = "ada", PASSWORD
    page = form.submit(headers={**BROWSER, **sent_by_the_browser}, status=400)
    assert "came from another site" in main_text(page)
    assert ada.count(BrowserSession) == 0


def test_a_mount_is_kept(ada: World) -> None:
    ada.app.extra_environ["SCRIPT_NAME"] = "/registry"
    page = ada.app.get("/-/login")
    form = page.forms["sign-in"]
    assert form.action == "/registry/-/login"
    form.action = "/-/login"
    form["username"], form["password"] = "ada", PASSWORD
    response = form.submit()
    assert response.location == "http://localhost/registry/"
    assert "Path=/registry;" in cookie_of(response, SESSION_COOKIE)
    assert page.html.find("link", rel="stylesheet")["href"].startswith("/registry/static/")


@pytest.mark.parametrize(
    ("username", "password"), [("ada", "wrong password"), ("nobody", PASSWORD), ("", "")]
)
def test_wrong_credentials(ada: World, username: str, password: str) -> None:
    response = sign_in(ada, username, password, return_to="/acme/")
    assert response.status_int == 422
    assert WRONG in main_text(response)
    assert "WWW-Authenticate" not in response.headers
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert response.forms["sign-in"]["username"].value == username
    assert response.forms["sign-in"]["password"].value == ""
    assert response.forms["sign-in"]["return_to"].value == "/acme/"
    assert ada.count(BrowserSession) == 0
    assert SESSION_COOKIE not in ada.app.cookies


def test_a_session_ends(ada: World) -> None:
    signed_in(ada, "ada")
    ada.clock.advance(seconds=(ada.components.settings.sessions_lifetime / timedelta(seconds=1)))
    assert "ada" not in visit(ada, "/").text


def test_signing_in_again_ends_the_session_before(ada: World) -> None:
    signed_in(ada, "ada")
    ada.user("bob", password=PASSWORD)
    token = visit(ada, "/").forms["sign-out"]["csrf_token"].value
    fields = {"username": "bob", "password": PASSWORD, "csrf_token": token}
    ada.app.post("/-/login", fields, status=303)
    assert ada.count(BrowserSession) == 1
    assert "bob" in visit(ada, "/").html.header.get_text()


def test_who_is_signed_in_needs_no_form(ada: World) -> None:
    signed_in(ada, "ada")
    response = ada.app.get("/-/login?return_to=/acme/", headers=BROWSER)
    assert (response.status_int, response.location) == (303, "http://localhost/acme/")


@pytest.mark.parametrize("return_to", ["/acme/", "/acme/core/?after=x%20y", "/a%2Fb", "/@evil"])
def test_signing_in_leads_back(ada: World, return_to: str) -> None:
    assert sign_in(ada, "ada", return_to=return_to).location == f"http://localhost{return_to}"


@pytest.mark.parametrize(
    "return_to",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "/x//evil.example",
        "https://evil.example/",
        "http:evil.example",
        "javascript:alert(1)",
        "evil.example",
        "@evil.example",
        "/\x00",
        "/a b",
        "/a\r\nSet-Cookie: x=y",
        "/ä",
        "/" + "a" * 3000,
        "/-/login",
        "/-/logout",
        "/-/logout?x=y",
    ],
)
def test_signing_in_leads_nowhere_else(ada: World, return_to: str) -> None:
    """Neither where the form is asked for, nor where it is sent, nor for who is signed in."""
    token = visit(ada, "/-/login").forms["sign-in"]["csrf_token"].value
    fields = {
        "username": "ada",
        "password": PASSWORD,
        "csrf_token": token,
        "return_to": return_to,
    }
    response = ada.app.post("/-/login", fields, expect_errors=True)
    if "\x00" in return_to:
        assert response.status_int == 400
        return
    assert (response.status_int, response.location) == (303, "http://localhost/")
    response = ada.app.get("/-/login", params={"return_to": return_to})
    assert (response.status_int, response.location) == (303, "http://localhost/")


def test_a_page_that_is_not_public_leads_to_signing_in_and_back(ada: World) -> None:
    ada.project("acme/core")
    ada.user("root", password=PASSWORD, is_admin=True)
    response = ada.app.get("/acme/core/?after=x", headers=BROWSER)
    assert response.status_int == 303
    form = response.follow(headers=BROWSER).forms["sign-in"]
    form["username"], form["password"] = "root", PASSWORD
    assert form.submit().location == "http://localhost/acme/core/?after=x"


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_signing_in_takes_the_forms_own_token(ada: World, token: str | None) -> None:
    visit(ada, "/-/login")
    fields = {"username": "ada", "password": PASSWORD}
    if token is not None:
        fields["csrf_token"] = token
    response = ada.app.post("/-/login", fields, headers=BROWSER, status=400)
    assert "load the page again" in main_text(response)
    assert ada.count(BrowserSession) == 0


def test_a_file_is_no_token_of_a_form(ada: World) -> None:
    token = visit(ada, "/-/login").forms["sign-in"]["csrf_token"].value
    files = [("csrf_token", "token.txt", token.encode())]
    fields = {"username": "ada", "password": PASSWORD}
    page = ada.app.post("/-/login", fields, upload_files=files, headers=BROWSER, status=400)
    assert "load the page again" in main_text(page)


def test_signing_out_takes_the_forms_own_token(ada: World) -> None:
    signed_in(ada, "ada")
    ada.app.post("/-/logout", {}, headers=BROWSER, status=400)
    assert "ada" in visit(ada, "/").text
    assert ada.count(BrowserSession) == 1


def test_signing_out_is_no_link(ada: World) -> None:
    signed_in(ada, "ada")
    visit(ada, "/-/logout", status=405)
    assert ada.count(BrowserSession) == 1


def test_the_token_of_forms_changes_with_the_session(ada: World) -> None:
    before = visit(ada, "/-/login").forms["sign-in"]["csrf_token"].value
    signed_in(ada, "ada")
    during = visit(ada, "/").forms["sign-out"]["csrf_token"].value
    visit(ada, "/").forms["sign-out"].submit()
    after = visit(ada, "/-/login").forms["sign-in"]["csrf_token"].value
    assert len({before, during, after}) == 3


@pytest.mark.parametrize("field", ["username", "password", "return_to"])
def test_a_form_with_nul_is_refused(ada: World, field: str) -> None:
    token = visit(ada, "/-/login").forms["sign-in"]["csrf_token"].value
    fields = {"username": "ada", "password": PASSWORD, "csrf_token": token, field: "a\x00b"}
    ada.app.post("/-/login", fields, headers=BROWSER, status=400)


def test_a_large_form_is_refused(ada: World) -> None:
    token = visit(ada, "/-/login").forms["sign-in"]["csrf_token"].value
    fields = {"username": "a" * 70_000, "password": "", "csrf_token": token}
    ada.app.post("/-/login", fields, headers=BROWSER, status=413)


def test_a_query_that_is_no_utf_8_is_refused(ada: World) -> None:
    visit(ada, "/-/login?return_to=%FF", status=400)


def test_the_form_can_be_used_by_everyone(ada: World) -> None:
    html = visit(ada, "/-/login").html
    for field, autocomplete in (("username", "username"), ("password", "current-password")):
        assert html.find("label", attrs={"for": field})
        assert html.find(id=field)["autocomplete"] == autocomplete


def test_a_body_that_no_form_can_be_is_refused_unread(world: World) -> None:
    response = world.app.post("/-/login", b"x" * 70_000, status=413)
    assert "larger" in response.text


def test_the_csrf_cookie_is_secure_where_the_request_is(world: World) -> None:
    plain = world.app.get("/-/login").headers["Set-Cookie"]
    world.app.reset()
    secure = world.app.get("/-/login", extra_environ={"wsgi.url_scheme": "https"})
    assert "secure" not in plain.lower()
    assert "secure" in secure.headers["Set-Cookie"].lower()


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "application/x-www-form-urlencoded; charset=idna",
        "application/x-www-form-urlencoded; charset=nonsense",
    ],
)
def test_what_is_no_form_is_refused(world: World, content_type: str) -> None:
    headers = {"Content-Type": content_type, **BROWSER}
    page = world.app.post("/-/login", b"csrf_token=x", headers=headers, status=400)
    assert "not a valid form" in main_text(page)


def test_cookies_that_cannot_be_read_are_no_cookies(world: World) -> None:
    headers = {"Cookie": 'left_by_another_application="\\377"', **BROWSER}
    for address in ("/", "/-/login"):
        world.app.get(address, headers=headers)
    world.app.get("/acme/-/simple/", headers=headers, status=401)
