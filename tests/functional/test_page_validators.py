"""The validator of a simple page, as a proxy asks for it that keeps pages."""

import pytest
from pyramid.registry import Registry
from webtest import TestApp, TestResponse

from pyregistry.authnz.roles import Role
from pyregistry.proxies import TrustedProxies
from pyregistry.settings.parsers import peers
from pyregistry.watching.middleware import Watched
from tests.factories.distributions import wheel
from tests.factories.world import World, basic
from tests.functional.support import JSON, Limited, statements, with_settings
from tests.functional.watched import logged

HEADER = "X-Page-Validator"
QUESTION = {HEADER: "only"}
PAGE = "/acme/core/-/simple/demo-package/"
ADDRESSES = (PAGE, "/acme/core/-/simple/", "/acme/-/simple/demo-package/", "/-/simple/")
PROXY = "192.0.2.1"


def behind(world: World, *, address: str = PROXY, keeps: bool = True) -> TestApp:
    """A client of the registry behind a proxy."""
    inner = Watched(world.app.app, world.components.metrics)
    proxied = TrustedProxies(inner, peers(PROXY), keep_pages=keeps)
    return TestApp(proxied, extra_environ={"REMOTE_ADDR": address})


def long_wheels(world: World) -> None:
    """Enough files that the page is compressed."""
    for number in range(5):
        world.upload("acme/core", wheel(version=f"1.{number}"))


@pytest.fixture
def world(world: World) -> World:
    """A registry with a public project and a package."""
    world.project("acme/core", "public")
    long_wheels(world)
    return world


def ask(app: TestApp, path: str = PAGE, **headers: str) -> str:
    """The validator that the proxy is told."""
    response: TestResponse = app.get(path, headers={**headers, **QUESTION}, status=204)
    assert (response.body, response.headers["Cache-Control"]) == (b"", "no-store")
    told: str = response.headers[HEADER]
    return told


@pytest.mark.parametrize("path", ADDRESSES)
def test_it_costs_no_page(world: World, path: str) -> None:
    with statements(world) as executed:
        ask(behind(world), path)
    assert len(executed) <= 1
    assert len(world.components.pages) == 0


@pytest.mark.parametrize("path", ADDRESSES)
def test_the_page_that_follows_has_it(world: World, path: str) -> None:
    app = behind(world)
    for headers in ({}, {"Accept": JSON}, {"Accept-Encoding": "gzip"}, world.as_("ann")):
        told = ask(app, path, **headers)
        page = app.get(path, headers={**headers, HEADER: told}, status=200)
        assert page.headers[HEADER] == told
        assert page.headers["ETag"].strip('"').removesuffix("-gzip") in told


def test_it_names_the_very_bytes_and_headers(world: World) -> None:
    app = behind(world)
    reader = world.as_("ann")
    told = [
        ask(app),
        ask(app, **reader),
        ask(app, Accept=JSON),
        ask(app, **{"Accept-Encoding": "gzip"}),
        ask(app, f"{PAGE}?format={JSON.replace('+', '%2B')}"),
    ]
    assert told[2] == told[4]
    assert len(set(told)) == 4
    world.upload("acme/core", wheel(version="9.0"))
    assert not set(told) & {ask(app), ask(app, **reader), ask(app, Accept=JSON)}


def test_who_reads_less_is_told_of_another_page(world: World) -> None:
    world.project("acme/hidden")
    world.upload("acme/hidden", wheel(version="3.0"))
    app = behind(world)
    everything = world.as_("ann")
    path = "/acme/-/simple/demo-package/"
    before = ask(app, path, **everything)
    world.member("acme/hidden", "ann", Role.REPORTER)
    assert ask(app, path, **everything) != before


def test_what_is_remembered_is_remembered_by_halves(world: World) -> None:
    app = behind(world)
    told = {ask(app)}
    for _ in range(4):
        told.add(ask(app))
        page = app.get(PAGE, status=200)
        assert (HEADER in page.headers, b"demo_package" in page.body) == (False, True)
        fetched = app.get(PAGE, headers={HEADER: ask(app)}, status=200)
        assert (fetched.body, fetched.headers[HEADER]) == (page.body, *told)
    world.upload("acme/core", wheel(version="8.0"))
    assert ask(app) not in told


def test_the_condition_is_the_proxys_to_judge(world: World) -> None:
    ask(behind(world), **{"If-None-Match": "*"})


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (PAGE.rstrip("/"), {}, 301),
        (PAGE, {"Accept": "image/png"}, 406),
        (PAGE, basic("wrong"), 401),
        ("/acme/hidden/-/simple/", {}, 401),
    ],
)
def test_what_is_no_page_has_none(
    world: World, path: str, headers: dict[str, str], status: int
) -> None:
    response = behind(world).get(path, headers={**headers, **QUESTION}, status=status)
    assert HEADER not in response.headers


@pytest.mark.parametrize("said", ["only", "public:1234"])
@pytest.mark.parametrize(("address", "keeps"), [("198.51.100.9", True), (PROXY, False)])
def test_nobody_else_can_ask(world: World, address: str, keeps: bool, said: str) -> None:
    response = behind(world, address=address, keeps=keeps).get(PAGE, headers={HEADER: said})
    assert (response.status_int, HEADER in response.headers) == (200, False)
    assert b"demo_package" in response.body


class TestOnce:
    """A request is counted once, in whichever halves the proxy sends it on."""

    @pytest.fixture
    def strict(self, limited: Limited) -> World:
        return limited(
            packages_per_address="3 per minute", token_failures_per_address="1 per minute"
        )

    def test_a_page_that_is_fetched(self, strict: World) -> None:
        app = behind(strict)
        for number in range(1, 4):
            answer = app.get(PAGE, headers=QUESTION, status=204)
            assert answer.headers["RateLimit-Observed"] == str(number)
            app.get(PAGE, headers={HEADER: answer.headers[HEADER]}, status=200)
        refused = app.get(PAGE, headers=QUESTION, status=429)
        assert HEADER not in refused.headers
        app.get(PAGE, status=429)

    def test_a_page_that_is_not_there(self, strict: World) -> None:
        app = behind(strict)
        for number in range(1, 4):
            app.get(f"{PAGE}x/", headers=QUESTION, expect_errors=True)
            answer = app.get(f"{PAGE}x/", expect_errors=True)
            assert answer.headers["RateLimit-Observed"] == str(number)

    def test_a_wrong_token(self, strict: World) -> None:
        app = behind(strict)
        for _ in range(3):
            app.get(PAGE, headers={**QUESTION, **basic("wrong")}, status=401)
        app.get(PAGE, headers=basic("wrong"), status=401)
        app.get(PAGE, headers=basic("wrong"), status=429)

    def test_a_wrong_password(self, limited: Limited, application: tuple[object, Registry]) -> None:
        world = limited(sign_in_per_account="1 per day")
        with_settings(world, application[1], passwords_basic=True)
        world.user("eve")
        app, wrong = behind(world), basic("not the password", "eve")
        for _ in range(3):
            app.get(PAGE, headers={**QUESTION, **wrong}, status=401)
        app.get(PAGE, headers=wrong, status=401)
        app.get(PAGE, headers={**QUESTION, **wrong}, status=429)
        app.get(PAGE, headers=wrong, status=429)

    def test_the_log(self, strict: World) -> None:
        app = behind(strict)
        with logged() as log:
            told = ask(app)
            app.get(PAGE, headers={HEADER: told})
            app.get(f"{PAGE}x/", headers=QUESTION, expect_errors=True)
            # What went wrong after all is told.
            app.get(f"{PAGE}x/", headers={HEADER: told}, expect_errors=True)
        assert [(line["status"], line["view"]) for line in log.accesses] == [
            (204, "simple.simple_package"),
            (404, "none"),
        ]
