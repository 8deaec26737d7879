"""What clients and caches keep of the simple pages: tags, serials, compressed bytes."""

import gzip

import pytest
from sqlalchemy import insert, select, update

from pyregistry.packaging.models import File, Package
from tests.factories.distributions import sdist, wheel
from tests.factories.world import World
from tests.functional.support import JSON, PROJECT, anchors, lasting_headers, untouched

HTML = "application/vnd.pypi.simple.v1+html"
INDEX = f"/{PROJECT}/-/simple/"
PAGE = f"{INDEX}demo-package/"


@pytest.fixture(autouse=True)
def published(world: World) -> None:
    """A public project with a wheel and an sdist."""
    world.project(PROJECT, "public")
    headers = world.publisher(PROJECT)
    world.upload(PROJECT, wheel(), headers)
    world.upload(PROJECT, sdist(), headers)


def many_files(world: World, count: int) -> None:
    """Give the demo package so many files more."""
    with world.components.database.writing() as session:
        file = session.scalars(select(File).order_by(File.id)).first()
        assert file is not None
        known = {column.name: getattr(file, column.name) for column in File.__table__.columns}
        del known["id"]
        session.execute(
            insert(File),
            [{**known, "filename": f"demo_package-1.0-{n}-py3-none-any.whl"} for n in range(count)],
        )
        session.execute(update(Package).values(serial=Package.serial + 1))


@pytest.mark.parametrize("address", [INDEX, PAGE])
@pytest.mark.parametrize("accept", [JSON, HTML, "text/html"])
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_not_again(world: World, address: str, accept: str, encoding: str) -> None:
    many_files(world, 50)
    headers = {"Accept": accept, "Accept-Encoding": encoding}
    page = world.app.get(address, headers=headers)
    for warm in (True, False):
        if not warm:
            world.components.pages._pages.clear()
        again = world.app.get(
            address, headers={**headers, "If-None-Match": page.headers["ETag"]}, status=304
        )
        assert again.body == b""
        for header in ("ETag", "Vary", "Cache-Control", "X-PyPI-Last-Serial"):
            assert again.headers[header] == page.headers[header]


def test_every_representation_has_a_tag_of_its_own(world: World) -> None:
    many_files(world, 50)
    tags = {
        world.app.get(PAGE, headers={"Accept": accept, "Accept-Encoding": coding}).headers["ETag"]
        for accept in (JSON, HTML, "text/html")
        for coding in ("gzip", "identity")
    }
    assert len(tags) == 6


def test_a_change_is_seen_at_once(world: World) -> None:
    tag = world.app.get(PAGE).headers["ETag"]
    world.upload(PROJECT, wheel(version="2.0"))
    page = world.app.get(PAGE, headers={"If-None-Match": tag}, status=200)
    assert len(anchors(page)) == 3
    assert "no-cache" in page.headers["Cache-Control"]


@pytest.mark.parametrize(("name", "kept_by"), [(None, "public"), ("ann", "private")])
def test_who_may_keep_a_page(world: World, name: str | None, kept_by: str) -> None:
    headers = {} if name is None else world.as_(name)
    assert world.app.get(PAGE, headers=headers).headers["Cache-Control"] == f"{kept_by}, no-cache"


def test_a_large_page_is_compressed(world: World) -> None:
    many_files(world, 1000)
    plain = world.app.get(PAGE, headers={"Accept": JSON})
    packed = untouched(world, "GET", PAGE, {"Accept": JSON, "Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 5
    assert len(plain.json["files"]) == 1002


@pytest.mark.parametrize("address", [INDEX, PAGE])
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_head(world: World, address: str, encoding: str) -> None:
    many_files(world, 50)
    headers = {"Accept": JSON, "Accept-Encoding": encoding}
    whole, head = (untouched(world, method, address, headers) for method in ("GET", "HEAD"))
    assert head.body == b""
    assert lasting_headers(head) == lasting_headers(whole)
