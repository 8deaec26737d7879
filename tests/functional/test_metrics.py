"""What Prometheus reads of a registry, and who may."""

import re
import shutil
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pyramid.registry import Registry
from webob import Request

from pyregistry.authnz.permissions import Scope
from tests.factories.distributions import sdist
from tests.factories.world import World, basic, new_components
from tests.functional.support import PROJECT, statements, with_settings
from tests.functional.watched import Samples, samples_of, value, watched

METRICS = "/-/metrics"
TOKEN = "a-token-that-only-prometheus-knows"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
ADDRESS = f"/{PROJECT}/-/simple/demo/"


@pytest.fixture
def scraped(world: World, application: tuple[object, Registry]) -> World:
    """A registry whose metrics may be read with a token."""
    with_settings(world, application[1], metrics_token=TOKEN)
    return world


def read(world: World) -> Samples:
    """What the registry says now."""
    return samples_of(world.app.get(METRICS, headers=BEARER).text)


def test_every_request_is_counted(scraped: World) -> None:
    scraped.project(PROJECT, "public")
    app = watched(scraped)
    app.get(f"/{PROJECT}/-/simple/", status=200)
    app.get("/nothing/here", status=401)
    app.get("/nothing/else", status=401)
    app.get("/-/admin", status=401)
    app.post("/-/login", {}, status=400)
    found = read(scraped)

    def requests(view: str, method: str, status: int) -> float:
        return value(
            found, "pyregistry_requests_total", view=view, method=method, status=str(status)
        )

    assert requests("simple.simple_index", "GET", 200) == 1
    # A refusal belongs to the view that was asked for; an address is no label.
    assert requests("ui.admin.show_overview", "GET", 401) == 1
    assert requests("none", "GET", 401) == 2
    assert (
        sum(count for (name, _), count in found.items() if name == "pyregistry_requests_total") == 5
    )
    assert (
        value(found, "pyregistry_request_duration_seconds_count", view="simple.simple_index") == 1
    )
    assert not any("nothing" in text for _, labels in found for _, text in labels)
    assert value(found, "pyregistry_requests_in_progress") == 0


@pytest.mark.filterwarnings("ignore:Unknown REQUEST_METHOD")
def test_methods_that_strangers_make_up_are_one(scraped: World) -> None:
    app = watched(scraped)
    for method in ("PROPFIND", "BREW"):
        app.request("/", method=method, expect_errors=True)
    methods = {
        text
        for name, labels in read(scraped)
        for label, text in labels
        if name == "pyregistry_requests_total" and label == "method"
    }
    assert methods == {"other"}


def test_uploads_downloads_pages_and_bytes(scraped: World) -> None:
    scraped.project(PROJECT, "public")
    distribution = sdist("demo")
    publisher = scraped.publisher(PROJECT)
    plain, scraped.app = scraped.app, watched(scraped)
    for _ in range(2):
        scraped.upload(PROJECT, distribution, publisher)
    scraped.upload(PROJECT, distribution, {}, status=401)
    scraped.app.get(ADDRESS)
    scraped.app.get(ADDRESS)
    before = samples_of(plain.get(METRICS, headers=BEARER).text)
    file = f"/{PROJECT}/-/files/{distribution.sha256}/{distribution.filename}"
    scraped.app.get(file)
    scraped.app.get(file, headers={"Range": "bytes=5-"}, status=206)
    scraped.app.head(file)
    scraped.app = plain
    found = read(scraped)
    assert value(found, "pyregistry_uploads_total", outcome="published") == 1
    assert value(found, "pyregistry_uploads_total", outcome="unchanged") == 1
    assert value(found, "pyregistry_downloads_total", way="sent") == 1
    assert value(found, "pyregistry_downloads_total", way="redirected") == 0
    assert value(found, "pyregistry_page_cache_lookups_total", result="miss") == 1
    assert value(found, "pyregistry_page_cache_lookups_total", result="hit") == 1
    size = len(distribution.content)
    assert value(found, "pyregistry_received_bytes_total") > 3 * size
    sent = "pyregistry_sent_bytes_total"
    # One whole, one without its beginning, and a HEAD. The scrapes are of another client.
    assert value(found, sent) - value(before, sent) == size + size - 5
    assert value(found, "pyregistry_files") == 1
    assert value(found, "pyregistry_files_bytes") == size
    assert value(found, "pyregistry_projects") == 1


def test_who_breaks_off_has_got_so_much(scraped: World) -> None:
    def application(environ, start_response):  # type: ignore[no-untyped-def]
        start_response("200 OK", [])
        return iter([b"12345", b"67890"])

    plain = scraped.app.app
    scraped.app.app = application
    served = watched(scraped).app
    scraped.app.app = plain
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "wsgi.input": BytesIO()}
    body = served(environ, lambda *_: None)
    assert next(iter(body)) == b"12345"
    body.close()
    body.close()
    found = read(scraped)
    assert value(found, "pyregistry_sent_bytes_total") == 5
    assert value(found, "pyregistry_requests_total", view="none", method="GET", status="200") == 1


def test_an_application_that_raises_is_counted(scraped: World) -> None:
    def application(environ, start_response):  # type: ignore[no-untyped-def]
        raise RuntimeError("broken")

    plain = scraped.app.app
    scraped.app.app = application
    with pytest.raises(RuntimeError):
        watched(scraped).get("/")
    scraped.app.app = plain
    found = read(scraped)
    assert value(found, "pyregistry_requests_total", view="none", method="GET", status="500") == 1
    assert value(found, "pyregistry_requests_in_progress") == 0


def test_connections_in_use_are_counted(scraped: World) -> None:
    database = scraped.components.database
    gauge = "pyregistry_database_connections_in_use"
    # The one that reads the counts is not given out yet.
    idle = value(read(scraped), gauge)
    with database.reading() as session:
        session.connection()
        assert value(read(scraped), gauge) == idle + 1
    assert value(read(scraped), gauge) == idle

    limit = 2 * scraped.components.settings.database_pool_size
    assert value(read(scraped), "pyregistry_database_connections_limit") == limit


def test_the_process(scraped: World) -> None:
    found = read(scraped)
    named = {name: dict(labels) for name, labels in found if name.startswith("process_")}
    assert {"process_resident_memory_bytes", "process_cpu_seconds_total"} <= set(named)
    assert all(set(labels) == {"pid"} for labels in named.values())


def test_a_part_that_is_broken(
    scraped: World, application: tuple[object, Registry], tmp_path: Path
) -> None:
    assert value(read(scraped), "pyregistry_works", part="storage") == 1
    shutil.rmtree(scraped.components.settings.storage_local_folder)
    # The good answer lasts for a while, and so the components are new.
    broken = tmp_path / "broken"
    broken.write_bytes(b"no database\n" * 1000)
    url = scraped.components.settings.database_url
    if url.get_backend_name() == "sqlite":
        url = url.set(database=str(broken))
    else:
        url = url.set(database="there_is_no_such_database")
    components = new_components(url, tmp_path, scraped.clock)
    shutil.rmtree(components.settings.storage_local_folder)
    settings = replace(components.settings, metrics_token=TOKEN)
    application[1]["pyregistry.components"] = replace(components, settings=settings)
    # Prometheus reads it even so: an administrator could not prove who they are.
    found = read(scraped)
    assert value(found, "pyregistry_works", part="storage") == 0
    assert value(found, "pyregistry_works", part="database") == 0
    assert ("pyregistry_files", frozenset()) not in found
    components.database.dispose()


def test_who_may_read(scraped: World) -> None:
    scraped.user("ada", is_admin=True)
    app = scraped.app
    assert "pyregistry_build_info" in app.get(METRICS, headers=BEARER).text
    assert app.get(METRICS, headers=BEARER).headers["Cache-Control"] == "no-store"
    app.get(METRICS, headers=scraped.as_("ada", Scope.READ_API))
    app.get(METRICS, headers=scraped.as_("dora"), status=403)
    app.get(METRICS, status=401)
    # A program asks: it is not led to the sign-in page.
    app.get(METRICS, headers={"Accept": "text/html"}, status=401)
    for wrong in (f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer ", "Bearer ä", "Bearer"):
        app.get(METRICS, headers={"Authorization": wrong}, status=401)
    app.get(METRICS, headers=basic(TOKEN), status=401)


def test_the_token_opens_nothing_else(scraped: World) -> None:
    for address in ("/api/v4/health", "/-/admin", "/api/v4/user", "/-/metrics/more"):
        scraped.app.get(address, headers=BEARER, status=401)


def test_without_a_token_nobody_has_it(world: World) -> None:
    for wrong in ("Bearer ", "Bearer None", f"Bearer {TOKEN}"):
        world.app.get(METRICS, headers={"Authorization": wrong}, status=401)


def test_a_scrape_asks_little(scraped: World) -> None:
    read(scraped)
    with statements(scraped) as executed:
        read(scraped)
    assert len(executed) == 4


@pytest.mark.parametrize("length", ["999999999999999999", "9" * 100])
def test_what_a_stranger_announces_is_not_counted(scraped: World, length: str) -> None:
    asked = Request.blank(f"/{PROJECT}/-/legacy/", method="POST")
    asked.environ["CONTENT_LENGTH"] = length
    assert asked.get_response(watched(scraped).app).status_int in (401, 413)
    assert value(read(scraped), "pyregistry_received_bytes_total") < 1000


def test_openmetrics(scraped: World) -> None:
    accept = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"
    response = scraped.app.get(METRICS, headers={**BEARER, "Accept": accept})
    assert response.content_type == "application/openmetrics-text"
    assert response.text.endswith("# EOF\n")


@pytest.mark.parametrize("version", ["x", "1..0", '"1.0.0"', "\xb2", "1.0.0.\xff", "9" * 5000])
@pytest.mark.parametrize("format_", ["application/openmetrics-text", "text/plain"])
def test_a_version_that_is_none(scraped: World, format_: str, version: str) -> None:
    accept = f"{format_};version={version}"
    response = scraped.app.get(METRICS, headers={**BEARER, "Accept": accept}, status=200)
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")


def test_the_document_lists_what_is_there(scraped: World, repository: Path) -> None:
    scraped.app, plain = watched(scraped), scraped.app
    scraped.app.get("/")
    scraped.app = plain
    text = scraped.app.get(METRICS, headers=BEARER).text
    found = {
        (f"{family.name}_total" if family.type == "counter" else family.name): frozenset(
            label for sample in family.samples for label in sample.labels if label != "le"
        )
        for family in text_string_to_metric_families(text)
    }
    document = (repository / "docs/health.md").read_text()
    rows = re.findall(r"^\| `((?:pyregistry|process)_\w+)` \| ?([^|]*)\|", document, re.MULTILINE)
    documented = {name: frozenset(re.findall(r"`(\w+)`", labels)) for name, labels in rows}
    assert found == documented
    # The examples of alerts ask for nothing else.
    alerts = document.partition("Examples of alerts:")[2].split("```")[1]
    used = re.findall(r"\b(?:pyregistry|process)_\w+\b", alerts)
    assert len(used) > 5
    assert {name.removesuffix("_bucket") for name in used} - {"pyregistry"} <= set(documented)
