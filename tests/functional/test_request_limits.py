"""Who asks too often has to wait: each identity for itself, nobody by their address."""

import pytest
from webtest import TestApp, TestResponse

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.proxies import TrustedProxies
from pyregistry.settings.parsers import peers
from tests.factories.distributions import sdist
from tests.factories.world import World, basic
from tests.functional.support import (
    PROJECT,
    Limited,
    Stream,
    from_address,
    send_stream,
    sentence_of,
    signed_in_app,
    statements,
)

API = f"/api/v4/projects/{PROJECT.replace('/', '%2F')}/packages"
SIMPLE = f"/{PROJECT}/-/simple/"
MINUTE = 60


@pytest.fixture
def strict(limited: Limited) -> World:
    """A registry with a private project, where everybody may send two requests a minute."""
    world = limited(
        api_per_identity="2 per minute",
        api_per_address="2 per minute",
        packages_per_identity="2 per minute",
        packages_per_address="2 per minute",
    )
    world.project(PROJECT)
    world.upload(PROJECT, sdist())
    world.member(PROJECT, "ann", Role.OWNER)
    return world


def quota_of(response: TestResponse) -> dict[str, str]:
    """What the headers of GitLab's tell of a limit."""
    names = ("Name", "Limit", "Observed", "Remaining", "Reset")
    return {name: response.headers[f"RateLimit-{name}"] for name in names}


def is_silent(response: TestResponse) -> bool:
    return not any(name.lower().startswith("ratelimit") for name in response.headers)


def use_up(app: TestApp, address: str, headers: dict[str, str], *, times: int = 2) -> None:
    for _ in range(times):
        assert app.get(address, headers=headers, expect_errors=True).status_int != 429


def test_every_answer_tells_what_is_left(strict: World) -> None:
    strict.clock.advance(seconds=13)
    headers = strict.as_("ann")
    reset = int(strict.clock().timestamp()) + MINUTE - 13
    first = strict.app.get(API, headers=headers, status=200)
    assert quota_of(first) == {
        "Name": "throttle_authenticated_api",
        "Limit": "2",
        "Observed": "1",
        "Remaining": "1",
        "Reset": str(reset),
    }
    missing = strict.app.get("/api/v4/projects/77", headers=headers, status=404)
    assert quota_of(missing) == {**quota_of(first), "Observed": "2", "Remaining": "0"}
    assert "Retry-After" not in missing.headers
    refused = strict.app.get(API, headers=headers, status=429)
    assert quota_of(refused) == {**quota_of(missing), "Observed": "3"}
    assert refused.headers["Retry-After"] == str(MINUTE - 13)
    assert refused.headers["RateLimit-ResetTime"] == "Mon, 23 Nov 2026 12:01:00 GMT"
    assert refused.headers["Cache-Control"] == "no-store"
    assert refused.json == {"message": sentence_of(refused)}
    assert "try again in 47 seconds" in refused.json["message"]


def test_the_next_period_begins_anew(strict: World) -> None:
    headers = strict.as_("ann")
    use_up(strict.app, API, headers)
    strict.clock.advance(seconds=MINUTE - 1)
    refused = strict.app.get(API, headers=headers, status=429)
    assert refused.headers["Retry-After"] == "1"
    assert "in 1 second." in sentence_of(refused)
    strict.clock.advance(seconds=1)
    assert quota_of(strict.app.get(API, headers=headers, status=200))["Observed"] == "1"


def test_identities_do_not_share_their_limits(strict: World) -> None:
    strict.member(PROJECT, "bob", Role.REPORTER)
    use_up(strict.app, API, strict.as_("ann"))
    strict.app.get(API, headers=strict.as_("ann"), status=429)
    strict.app.get(API, headers=strict.as_("bob"), status=200)


def test_an_identity_shares_it_among_its_tokens_and_addresses(strict: World) -> None:
    use_up(strict.app, API, strict.as_("ann"))
    other = from_address(strict, "198.51.100.7")
    other.get(API, headers={"PRIVATE-TOKEN": strict.token("ann", Scope.READ_API)}, status=429)


def test_administrators_are_limited(strict: World) -> None:
    strict.user("root", is_admin=True)
    headers = strict.as_("root")
    use_up(strict.app, "/api/v4/application/settings", headers)
    strict.app.get("/api/v4/application/settings", headers=headers, status=429)


def test_a_browser_session_is_its_user(strict: World) -> None:
    browser = signed_in_app(strict, "bea")
    use_up(browser, "/api/v4/user", {})
    browser.get("/api/v4/user", status=429)
    strict.app.get("/api/v4/user", headers=strict.as_("bea"), status=429)
    browser.get("/", status=200)


def test_deploy_tokens_of_a_project_share_its_limit(strict: World) -> None:
    strict.project("acme/other")
    first = basic(strict.deploy_token(PROJECT))
    second = basic(strict.deploy_token(PROJECT, username="second"))
    use_up(strict.app, SIMPLE, first)
    strict.app.get(SIMPLE, headers=second, status=429)
    other = basic(strict.deploy_token("acme/other", username="third"))
    strict.app.get("/acme/other/-/simple/", headers=other, status=200)


def test_jobs_of_a_project_share_a_limit(strict: World) -> None:
    first, second = basic(strict.job_token(PROJECT)), basic(strict.job_token(PROJECT))
    use_up(strict.app, SIMPLE, first)
    strict.app.get(SIMPLE, headers=second, status=429)


def test_nobody_is_limited_by_address(strict: World) -> None:
    use_up(strict.app, API, {})
    refused = strict.app.get(API, status=429)
    assert quota_of(refused)["Name"] == "throttle_unauthenticated_api"
    from_address(strict, "192.0.2.8").get(API, status=401)
    strict.app.get(API, headers=strict.as_("ann"), status=200)


def test_addresses_of_ipv6_count_by_customer(strict: World) -> None:
    use_up(from_address(strict, "2001:db8::1"), API, {})
    from_address(strict, "2001:db8::2").get(API, status=429)
    from_address(strict, "2001:db8:0:1::1").get(API, status=401)


def test_who_has_no_address_is_not_limited(strict: World) -> None:
    app = from_address(strict, "")
    use_up(app, API, {}, times=5)
    assert is_silent(app.get(API, status=401))


def test_behind_a_proxy_the_clients_address_counts(strict: World) -> None:
    proxied = TrustedProxies(strict.app.app, peers("192.0.2.1"))
    app = TestApp(proxied, extra_environ={"REMOTE_ADDR": "192.0.2.1"})
    use_up(app, API, {"X-Forwarded-For": "203.0.113.5"})
    app.get(API, headers={"X-Forwarded-For": "203.0.113.5"}, status=429)
    # What the client itself put there is further left.
    app.get(API, headers={"X-Forwarded-For": "203.0.113.6, 203.0.113.5"}, status=429)
    app.get(API, headers={"X-Forwarded-For": "203.0.113.5, 203.0.113.6"}, status=401)


def test_the_word_of_a_stranger_does_not_count(strict: World) -> None:
    proxied = TrustedProxies(strict.app.app, peers("192.0.2.1"))
    app = TestApp(proxied, extra_environ={"REMOTE_ADDR": "198.51.100.9"})
    for number in range(2):
        app.get(API, headers={"X-Forwarded-For": f"203.0.113.{number}"}, status=401)
    app.get(API, headers={"X-Forwarded-For": "203.0.113.9"}, status=429)


def test_wrong_credentials_do_not_use_up_a_limit(strict: World) -> None:
    wrong = basic("pyrpat_" + "A" * 49)
    for _ in range(4):
        assert is_silent(strict.app.get(API, headers=wrong, status=401))
    strict.app.get(API, status=401)


PACKAGE_TRAFFIC = [
    SIMPLE,
    f"{SIMPLE}demo-package/",
    "/-/simple/",
    f"/{PROJECT}/-/pypi/demo-package/json",
    f"/{PROJECT}/-/integrity/demo-package/1.0/x/provenance",
    f"/{PROJECT}/-/files/{'0' * 64}/x.whl",
    f"/packages/{'0' * 64}/x.whl",
    f"{API}/pypi/simple/",
    f"{API}/pypi/files/{'0' * 64}/x.whl",
    "/api/v4/groups/acme/-/packages/pypi/simple/",
]


@pytest.mark.parametrize("address", PACKAGE_TRAFFIC)
def test_indexes_and_files_have_a_limit_of_their_own(strict: World, address: str) -> None:
    headers = strict.as_("ann")
    use_up(strict.app, API, headers)
    strict.app.get(API, headers=headers, status=429)
    use_up(strict.app, address, headers)
    refused = strict.app.get(address, headers=headers, status=429)
    assert quota_of(refused)["Name"] == "throttle_authenticated_packages_api"
    assert "try again in" in sentence_of(refused)


def test_the_status_of_a_package_belongs_to_the_api(strict: World) -> None:
    response = strict.app.get(f"{API}/pypi/status/demo-package", headers=strict.as_("ann"))
    assert quota_of(response)["Name"] == "throttle_authenticated_api"


@pytest.mark.parametrize("address", ["/", "/acme/", "/-/login", "/-/static/style.css", "/nothing"])
def test_pages_are_not_limited(strict: World, address: str) -> None:
    for _ in range(4):
        response = strict.app.get(address, headers={"Accept": "text/html"}, expect_errors=True)
        assert response.status_int != 429
        assert is_silent(response)


@pytest.mark.parametrize("address", ["/-/liveness", "/-/readiness"])
def test_load_balancers_are_not_limited(strict: World, address: str) -> None:
    # Not even their credentials are read: that would ask a database that may be down.
    for headers in ({}, {"PRIVATE-TOKEN": "wrong"}, strict.as_("ann")):
        with statements(strict) as executed:
            for _ in range(3):
                assert is_silent(strict.app.get(address, headers=headers))
        assert executed == []


def test_not_modified_tells_it_too(strict: World) -> None:
    headers = strict.as_("ann")
    etag = strict.app.get(SIMPLE, headers=headers, status=200).headers["ETag"]
    response = strict.app.get(SIMPLE, headers={**headers, "If-None-Match": etag}, status=304)
    assert quota_of(response)["Remaining"] == "0"


@pytest.mark.parametrize("address", [f"/{PROJECT}/-/legacy/", f"{API}/pypi"])
def test_an_upload_is_refused_before_its_body_is_read(strict: World, address: str) -> None:
    headers = strict.as_("ann")
    use_up(strict.app, SIMPLE, headers)

    def fail() -> None:
        pytest.fail("the body was read")

    kind = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": "1000000"}
    response = send_stream(strict, Stream(fail), {**headers, **kind}, address=address)
    assert response.status_int == 429
    assert int(response.headers["Retry-After"]) <= MINUTE
    sentence_of(response)


def test_a_refusal_asks_only_who_it_is(strict: World) -> None:
    headers = strict.as_("ann")
    use_up(strict.app, API, headers)
    with statements(strict) as executed:
        strict.app.put_json(API, {"a": 1}, headers=headers, status=429)
    assert len(executed) == 1
    use_up(strict.app, API, {})
    with statements(strict) as executed:
        strict.app.get(API, status=429)
    assert executed == []


def test_a_limit_costs_no_query(strict: World, limited: Limited) -> None:
    headers = strict.as_("ann")
    with statements(strict) as with_limits:
        strict.app.get(API, headers=headers, status=200)
    limited()
    with statements(strict) as without:
        strict.app.get(API, headers=headers, status=200)
    assert len(with_limits) == len(without)


def test_without_a_limit_nothing_is_told(limited: Limited) -> None:
    world = limited(copies="off")
    world.project(PROJECT)
    headers = world.as_("ann")
    assert world.components.request_limits._storage is None
    assert is_silent(world.app.get(API, headers=headers, status=404))
    assert is_silent(world.app.get(SIMPLE, status=401))


def test_only_what_is_limited_is_counted(limited: Limited) -> None:
    world = limited(api_per_address="1 per minute")
    world.project(PROJECT, "public")
    headers = world.as_("ann")
    use_up(world.app, API, headers, times=3)
    use_up(world.app, SIMPLE, {}, times=3)
    world.app.get(API, status=200)
    world.app.get(API, status=429)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
def test_every_method_counts(strict: World, method: str) -> None:
    headers = strict.as_("ann")
    use_up(strict.app, API, headers)
    strict.app.request(API, method=method, headers=headers, status=429)


def test_without_its_redis_nobody_is_refused(
    limited: Limited, caplog: pytest.LogCaptureFixture
) -> None:
    world = limited(storage="redis://127.0.0.1:1/0", api_per_identity="1 per minute")
    headers = world.as_("ann")
    for _ in range(3):
        assert is_silent(world.app.get("/api/v4/user", headers=headers, status=200))
    said = [record.getMessage() for record in caplog.records]
    assert [line for line in said if "Requests are not limited" in line] == said
    assert len(said) == 1
