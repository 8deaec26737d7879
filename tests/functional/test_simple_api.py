"""The simple repository API end to end, under every mount."""

import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import update

from pyregistry.packaging.models import Package, PackageStatus, Release
from tests.factories.distributions import sdist, wheel
from tests.factories.world import World
from tests.functional.images import Make
from tests.functional.support import (
    JSON,
    PROJECT,
    anchors,
    followed,
    names_in,
    read_json,
)

HTML = "application/vnd.pypi.simple.v1+html"
WHEEL = wheel(metadata={"Requires-Python": ">=3.8,<4"})
SDIST = sdist(metadata={"Requires-Python": ">=3.8,<4", "Dynamic": "Requires-Dist"})
INDEXES = (
    "/acme/core/-/simple/",
    "/acme/-/simple/",
    "/-/simple/",
    "/api/v4/projects/{project}/packages/pypi/simple/",
    "/api/v4/projects/acme%2Fcore/packages/pypi/simple/",
    "/api/v4/groups/{group}/-/packages/pypi/simple/",
    "/api/v4/groups/acme/-/packages/pypi/simple/",
)
INDEX = INDEXES[0]
PAGE = f"{INDEX}demo-package/"
VARY = {
    "Accept",
    "Accept-Encoding",
    "Authorization",
    "PRIVATE-TOKEN",
    "JOB-TOKEN",
    "Deploy-Token",
    "Cookie",
}


def fill(world: World) -> dict[str, int]:
    """The ids of the public project and its group; the project has a wheel and an sdist."""
    project = world.project(PROJECT, "public")
    headers = world.publisher(PROJECT)
    world.upload(PROJECT, WHEEL, headers)
    world.upload(PROJECT, SDIST, headers)
    return {"project": project, "group": project - 1}


@pytest.fixture
def ids(made_once: Callable[[Make], Any]) -> dict[str, int]:
    """These ids, in a registry of its own for each test."""
    found: dict[str, int] = made_once(fill)
    return found


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, "text/html"),
        ("*/*", "text/html"),
        ("text/html", "text/html"),
        (HTML, HTML),
        (JSON, JSON),
        ("application/vnd.pypi.simple.latest+json", JSON),
        ("application/vnd.pypi.simple.latest+html", HTML),
        (f"{JSON}, {HTML};q=0.1, text/html;q=0.01", JSON),
        (f"{JSON}, {HTML};q=0.2, text/html;q=0.01", JSON),
        (f"{JSON}, */*;q=0.1", JSON),
        (f"{JSON};q=0.1, text/html", "text/html"),
        (f"{JSON};q=0, */*", "text/html"),
    ],
)
@pytest.mark.parametrize("address", [INDEX, PAGE])
def test_content_negotiation(
    world: World, ids: dict[str, int], address: str, accept: str | None, content_type: str
) -> None:
    headers = {} if accept is None else {"Accept": accept}
    response = world.app.get(address, headers=headers)
    assert response.content_type == content_type
    assert {name.strip() for name in response.headers["Vary"].split(",")} == VARY


@pytest.mark.parametrize("accept", ["application/json", "image/png", f"{JSON};q=0"])
def test_nothing_acceptable(world: World, ids: dict[str, int], accept: str) -> None:
    assert "Accept" in world.app.get(PAGE, headers={"Accept": accept}, status=406).text


@pytest.mark.parametrize(
    ("chosen", "content_type"),
    [(JSON, JSON), (JSON.replace("+", "%2B"), JSON), (HTML, HTML), ("text/html", "text/html")],
)
def test_the_format_parameter_overrides(
    world: World, ids: dict[str, int], chosen: str, content_type: str
) -> None:
    other = "text/html" if content_type == JSON else JSON
    response = world.app.get(f"{PAGE}?format={chosen}", headers={"Accept": other})
    assert response.content_type == content_type


@pytest.mark.parametrize("chosen", ["", "json", "application/json", "%FF", f"{JSON}&format={JSON}"])
def test_a_wrong_format_parameter(world: World, ids: dict[str, int], chosen: str) -> None:
    response = world.app.get(f"{PAGE}?format={chosen}", expect_errors=True)
    assert response.status_int in (400, 406)


@pytest.mark.parametrize("index", INDEXES)
def test_the_links_lead_to_the_files(world: World, ids: dict[str, int], index: str) -> None:
    names = world.app.get(index.format(**ids))
    (name,) = anchors(names)
    page = world.app.get(followed(names, name["href"]))
    found = {}
    for anchor in anchors(page):
        address = followed(page, anchor["href"])
        assert anchor["href"].startswith("../../files/")
        found[anchor.text] = world.app.get(address).body
        digest = urlsplit(anchor["href"]).fragment
        assert digest == f"sha256={hashlib.sha256(found[anchor.text]).hexdigest()}"
        if anchor.get("data-core-metadata"):
            metadata = world.app.get(f"{address}.metadata").body
            expected = f"sha256={hashlib.sha256(metadata).hexdigest()}"
            assert anchor["data-core-metadata"] == expected
            assert anchor["data-dist-info-metadata"] == expected
    assert found == {each.filename: each.content for each in (WHEEL, SDIST)}


@pytest.mark.parametrize("index", INDEXES)
def test_the_page_is_the_same_under_every_mount(
    world: World, ids: dict[str, int], index: str
) -> None:
    address = f"{index.format(**ids)}demo-package/"
    here, there = (world.app.get(each, headers={"Accept": JSON}) for each in (address, PAGE))
    assert (here.body, here.headers["ETag"]) == (there.body, there.headers["ETag"])


def test_every_field(world: World, ids: dict[str, int]) -> None:
    page = read_json(world, PAGE)
    files = {file["filename"]: file for file in page.pop("files")}
    serial = page.pop("meta")["_last-serial"]
    assert serial > 0
    assert page == {
        "name": "demo-package",
        "project-status": {"status": "active"},
        "versions": ["1.0"],
    }
    metadata = {"sha256": hashlib.sha256(WHEEL.metadata).hexdigest()}
    expected: dict[str, Any] = {
        "filename": WHEEL.filename,
        "url": f"../../files/{WHEEL.sha256}/{WHEEL.filename}",
        "hashes": {"sha256": WHEEL.sha256},
        "requires-python": ">=3.8,<4",
        "size": len(WHEEL.content),
        "upload-time": "2026-11-23T12:00:00.000000Z",
        "yanked": False,
        "core-metadata": metadata,
        "provenance": None,
    }
    assert files[WHEEL.filename] == expected
    assert files[SDIST.filename]["core-metadata"] is False


def test_requires_python_is_escaped(world: World, ids: dict[str, int]) -> None:
    assert 'data-requires-python="&gt;=3.8,&lt;4"' in world.app.get(PAGE).text


@pytest.mark.parametrize("reason", ['"quoted" <b>', None])
def test_yanked(world: World, ids: dict[str, int], reason: str | None) -> None:
    with world.components.database.writing() as session:
        session.execute(update(Release).values(yanked=True, yanked_reason=reason))
        session.execute(update(Package).values(serial=Package.serial + 1))
    assert {file["yanked"] for file in read_json(world, PAGE)["files"]} == {reason or True}
    assert {anchor["data-yanked"] for anchor in anchors(world.app.get(PAGE))} == {reason or ""}


@pytest.mark.parametrize("status", ["archived", "deprecated", "quarantined"])
def test_a_status(world: World, ids: dict[str, int], status: str) -> None:
    with world.components.database.writing() as session:
        session.execute(
            update(Package).values(
                status=PackageStatus(status), status_reason="why", serial=Package.serial + 1
            )
        )
    for index in INDEXES:
        address = f"{index.format(**ids)}demo-package/"
        page = read_json(world, address)
        assert page["project-status"] == {"status": status, "reason": "why"}
        assert len(page["files"]) == (0 if status == "quarantined" else 2)
        html = world.app.get(address)
        assert f'name="pypi:project-status" content="{status}"' in html.text
        assert len(anchors(html)) == len(page["files"])


@pytest.mark.parametrize("index", INDEXES)
def test_a_missing_slash_redirects(world: World, ids: dict[str, int], index: str) -> None:
    for canonical in (index.format(**ids), f"{index.format(**ids)}demo-package/"):
        for query in ("", f"?format={JSON}", "?a=1&b=%2F"):
            response = world.app.get(f"{canonical[:-1]}{query}", status=301)
            assert response.headers["Location"] == f"http://localhost{canonical}{query}"
            world.app.get(f"{canonical}{query}", status=200)


@pytest.mark.parametrize("index", INDEXES)
def test_another_spelling_redirects(world: World, ids: dict[str, int], index: str) -> None:
    expected = f"http://localhost{index.format(**ids)}demo-package/?a=1"
    for spelling in ("Demo_Package", "demo.package/", "DEMO--PACKAGE/"):
        response = world.app.get(f"{index.format(**ids)}{spelling}?a=1", status=301)
        assert response.headers["Location"] == expected


def test_a_redirect_keeps_the_prefix_of_the_application(world: World, ids: dict[str, int]) -> None:
    response = world.app.get(PAGE[:-1], extra_environ={"SCRIPT_NAME": "/registry"}, status=301)
    assert response.headers["Location"] == f"http://localhost/registry{PAGE}"


@pytest.mark.parametrize(
    "name",
    [
        "%0d%0aX-Evil:%201",
        "a%20b",
        "%E6%97%A5",
        "a%2Fb",
        "-",
        "%3Cb%3E",
        "x" * 3000,
        "a%3Fb",
        "%25",
    ],
)
@pytest.mark.parametrize("slash", ["", "/"])
def test_what_is_no_name(world: World, ids: dict[str, int], name: str, slash: str) -> None:
    response = world.app.get(f"{INDEX}{name}{slash}", expect_errors=True)
    assert response.status_int in (301, 404)
    assert "X-Evil" not in response.headers
    if response.status_int == 301:
        assert response.follow(expect_errors=True).status_int == 404


def test_serials_grow_over_the_whole_instance(world: World, ids: dict[str, int]) -> None:
    world.project("acme/other", "public")
    seen = []
    for project, name in ((PROJECT, "one"), ("acme/other", "two"), (PROJECT, "three")):
        response = world.upload(project, sdist(name))
        response = world.app.get(f"/{project}/-/simple/{name}/", headers={"Accept": JSON})
        assert response.headers["X-PyPI-Last-Serial"] == str(response.json["meta"]["_last-serial"])
        seen.append(response.json["meta"]["_last-serial"])
    assert seen == sorted(set(seen))
    index = read_json(world, "/-/simple/")
    serials = {project["name"]: project["_last-serial"] for project in index["projects"]}
    assert [serials[name] for name in ("one", "two", "three")] == seen
    assert index["meta"]["_last-serial"] == seen[-1]
    assert f"<!--SERIAL {seen[-1]}-->" in world.app.get("/-/simple/").text


def test_an_empty_index(world: World) -> None:
    world.project(PROJECT, "public")
    assert names_in(world, INDEX) == []
    world.app.get(PAGE, status=404)
