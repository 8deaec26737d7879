"""Who fails too often to sign in has to wait."""

from dataclasses import replace

from webtest import TestApp

from pyregistry.accounts.models import BrowserSession
from pyregistry.proxies import TrustedProxies
from pyregistry.settings import parsers
from tests.factories.world import PASSWORD
from tests.functional.support import Limited, check_wait, from_address, statements
from tests.functional.ui.browsing import BROWSER, main_text, sign_in, visit


def test_an_account_is_limited_whatever_the_password(limited: Limited) -> None:
    world = limited(sign_in_per_account="2 per day")
    world.user("ada", password=PASSWORD)
    world.user("bob", password=PASSWORD)
    for _ in range(2):
        assert sign_in(world, "ada", "wrong password").status_int == 422
    for password in ("wrong password", PASSWORD):
        check_wait(sign_in(world, "ada", password))
    assert world.count(BrowserSession) == 0
    assert sign_in(world, "bob").status_int == 303


def test_the_page_says_it_and_keeps_what_was_typed(limited: Limited) -> None:
    world = limited(sign_in_per_account="1 per day")
    sign_in(world, "Ada", "wrong password")
    page = sign_in(world, "Ada", PASSWORD, return_to="/acme/")
    check_wait(page)
    assert "Too many attempts to sign in have failed: try again in" in main_text(page)
    assert page.html.find(role="alert")
    form = page.forms["sign-in"]
    assert (form["username"].value, form["return_to"].value) == ("Ada", "/acme/")
    assert form["password"].value == ""


def test_known_and_unknown_names_are_answered_alike(limited: Limited) -> None:
    world = limited(sign_in_per_account="2 per day")
    world.user("ada", password=PASSWORD)
    world.user("tokens-only")
    answers = []
    for username in ("ada", "tokens-only", "nobody", "no/name at all"):
        for _ in range(3):
            response = sign_in(world, username, "wrong password")
            text = main_text(response)
            answers.append((response.status_int, "Retry-After" in response.headers, text))
    assert [status for status, *_ in answers[:3]] == [422, 422, 429]
    assert answers[0:3] == answers[3:6] == answers[6:9] == answers[9:12]


def test_an_address_is_limited_for_all_names(limited: Limited) -> None:
    world = limited(sign_in_per_address="2 per day")
    world.user("ada", password=PASSWORD)
    for username in ("one", "two"):
        assert sign_in(world, username).status_int == 422
    check_wait(sign_in(world, "ada"))
    world.app = from_address(world, "192.0.2.8")
    assert sign_in(world, "ada").status_int == 303


def test_success_is_not_counted_and_forgives_nothing(limited: Limited) -> None:
    world = limited(sign_in_per_account="2 per day", sign_in_per_address="2 per day")
    world.user("ada", password=PASSWORD)
    assert sign_in(world, "ada", "wrong password").status_int == 422
    for _ in range(3):
        assert sign_in(world, "ada").status_int == 303
        world.app.reset()
    assert sign_in(world, "ada", "wrong password").status_int == 422
    check_wait(sign_in(world, "ada"))


def test_nothing_is_looked_up_or_hashed_beyond_the_limit(limited: Limited) -> None:
    world = limited(sign_in_per_account="1 per day")
    world.user("ada", password=PASSWORD)
    sign_in(world, "ada", "wrong password")
    form = visit(world, "/-/login").forms["sign-in"]
    form["username"], form["password"] = "ada", PASSWORD
    with statements(world) as executed:
        check_wait(form.submit(headers=BROWSER, expect_errors=True))
    assert executed == []


def test_who_is_signed_in_stays_so(limited: Limited) -> None:
    world = limited(sign_in_per_account="1 per day")
    world.user("ada", password=PASSWORD)
    sign_in(world, "ada")
    other = replace(world, app=from_address(world, "192.0.2.8"))
    sign_in(other, "ada", "wrong password")
    check_wait(sign_in(other, "ada"))
    assert "ada" in world.app.get("/", headers=BROWSER).text


def test_behind_a_proxy_it_is_the_address_of_the_client(limited: Limited) -> None:
    world = limited(sign_in_per_address="1 per day")
    world.user("ada", password=PASSWORD)
    proxied = TrustedProxies(world.app.app, parsers.peers("192.0.2.1"))
    clients = []
    for client in ("198.51.100.1", "198.51.100.2"):
        app = TestApp(proxied, extra_environ={"REMOTE_ADDR": "192.0.2.1"})
        app.extra_environ["HTTP_X_FORWARDED_FOR"] = client
        clients.append(replace(world, app=app))
    sign_in(clients[0], "ada", "wrong password")
    check_wait(sign_in(clients[0], "ada"))
    assert sign_in(clients[1], "ada").status_int == 303


def test_nobody_chooses_an_address(limited: Limited) -> None:
    world = limited(sign_in_per_address="1 per day")
    for number in range(2):
        world.app.extra_environ["HTTP_X_FORWARDED_FOR"] = f"198.51.100.{number}"
        response = sign_in(world, "nobody")
    check_wait(response)


def test_without_its_redis_people_sign_in(limited: Limited) -> None:
    world = limited(storage="redis://127.0.0.1:1/0", sign_in_per_account="1 per day")
    world.user("ada", password=PASSWORD)
    for _ in range(2):
        assert sign_in(world, "ada", "wrong password").status_int == 422
    assert sign_in(world, "ada").status_int == 303
