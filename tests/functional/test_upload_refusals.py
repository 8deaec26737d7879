"""Uploads that are refused: one sentence that says what to change, and nothing left behind."""

from typing import Any

import pytest
from pyramid.registry import Registry

from tests.factories import uploads
from tests.factories.distributions import Distribution, sdist, wheel
from tests.factories.world import World, fields_of
from tests.functional.refused import REFUSED
from tests.functional.support import (
    PROJECT,
    Stream,
    contents,
    send_stream,
    sentence_of,
    with_settings,
)

ADDRESS = f"/{PROJECT}/-/legacy/"
MIB = 1024 * 1024


@pytest.fixture
def headers(world: World) -> dict[str, str]:
    """The headers of somebody who may publish into the private project."""
    world.project(PROJECT)
    return world.publisher(PROJECT)


WHEEL = wheel()


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_one_sentence_and_nothing_left_behind(
    world: World, headers: dict[str, str], case: str
) -> None:
    distribution, form, said = REFUSED[case]
    fields = {"name": "demo-package", "version": "1.0", **known_fields(distribution), **form}
    before = contents(world)
    content_type, body = uploads.twine(fields, distribution.filename, distribution.content)
    response = world.app.post(
        ADDRESS, body, headers={"Content-Type": content_type, **headers}, status=400
    )
    assert response.content_type == "text/plain"
    assert said in sentence_of(response)
    assert contents(world) == before


def known_fields(distribution: Distribution) -> dict[str, Any]:
    """What a client sends, without what the metadata leaves out."""
    return {name: value for name, value in fields_of(distribution).items() if value is not None}


def test_an_md5_that_does_not_match(world: World, headers: dict[str, str]) -> None:
    before = contents(world)
    response = world.upload(
        PROJECT, sdist(), headers, client=uploads.poetry, status=400, md5_digest="0" * 32
    )
    assert "md5" in sentence_of(response)
    assert contents(world) == before


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, "text/plain"),
        ("*/*", "text/plain"),
        ("text/html", "text/plain"),
        ("application/json", "application/problem+json"),
        ("application/problem+json, */*;q=0.1", "application/problem+json"),
    ],
)
def test_the_form_of_a_refusal(
    world: World, headers: dict[str, str], accept: str | None, content_type: str
) -> None:
    accepting = {} if accept is None else {"Accept": accept}
    response = world.upload(
        PROJECT, sdist(), {**headers, **accepting}, status=400, version="another"
    )
    # A charset parameter would keep some clients from reading a problem.
    assert response.headers["Content-Type"].startswith(content_type)
    assert ("charset" in response.headers["Content-Type"]) == (content_type == "text/plain")
    sentence_of(response)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("", b""),
        ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"--x--\r\n"),
        ("multipart/form-data; boundary=x", b"junk"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n"),
        ("multipart/form-data; boundary=\xff", b"--x--\r\n"),
        ("multipart/form-data; boundary=" + "x" * 999, b"--x--\r\n"),
        ("application/x-www-form-urlencoded", b":action=file_upload&name=a"),
    ],
)
def test_what_is_no_upload_form(
    world: World, headers: dict[str, str], content_type: str, body: bytes
) -> None:
    before = contents(world)
    response = world.app.post(
        ADDRESS, body, headers={**headers, "Content-Type": content_type}, status=400
    )
    sentence_of(response)
    assert contents(world) == before


def test_a_body_that_breaks_off(world: World, headers: dict[str, str]) -> None:
    before = contents(world)
    content_type, body = uploads.twine(fields_of(sdist()), sdist().filename, sdist().content)
    response = send_stream(
        world,
        Stream(body[:500]),
        {**headers, "Content-Type": content_type, "Content-Length": str(len(body))},
    )
    assert response.status_int == 400
    assert contents(world) == before


def test_too_large_by_its_length_before_the_body_is_read(
    world: World, application: tuple[object, Registry], headers: dict[str, str]
) -> None:
    with_settings(world, application[1], upload_max_file_size=1000)

    def fail() -> None:
        raise AssertionError("the body was read")

    response = send_stream(
        world,
        Stream(fail),
        {
            **headers,
            "Content-Type": "multipart/form-data; boundary=x",
            "Content-Length": str(100 * MIB),
        },
    )
    assert response.status_int == 413
    sentence_of(response)


@pytest.mark.parametrize("authority", ["nobody", "stranger"])
def test_who_may_not_publish_is_refused_before_the_body_is_read(
    world: World, headers: dict[str, str], authority: str
) -> None:
    def fail() -> None:
        raise AssertionError("the body was read")

    sent = {} if authority == "nobody" else world.as_("stranger")
    response = send_stream(
        world,
        Stream(fail),
        {**sent, "Content-Type": "multipart/form-data; boundary=x", "Content-Length": "1000"},
    )
    assert response.status_int == (401 if authority == "nobody" else 404)


def test_too_large_while_it_arrives(
    world: World, application: tuple[object, Registry], headers: dict[str, str]
) -> None:
    with_settings(world, application[1], upload_max_file_size=1000)
    before = contents(world)
    large = wheel(files={"demo_package/noise": bytes(range(256)) * 100})
    response = world.upload(PROJECT, large, headers, status=413)
    sentence_of(response)
    assert contents(world) == before


def test_a_file_of_exactly_the_limit_is_taken(
    world: World, application: tuple[object, Registry], headers: dict[str, str]
) -> None:
    with_settings(world, application[1], upload_max_file_size=len(WHEEL.content))
    world.upload(PROJECT, WHEEL, headers)


@pytest.mark.parametrize("byte", ["\x00", "\ud800"])
def test_a_field_that_no_database_holds(world: World, headers: dict[str, str], byte: str) -> None:
    before = contents(world)
    parts = [
        uploads.field_part(":action", "file_upload"),
        uploads.field_part("name", b"demo" + byte.encode("utf-8", "surrogatepass")),
        uploads.file_part(sdist().filename, sdist().content),
    ]
    content_type, body = uploads.parts_body(parts)
    response = world.app.post(
        ADDRESS, body, headers={**headers, "Content-Type": content_type}, status=400
    )
    sentence_of(response)
    assert contents(world) == before


def test_a_body_cut_anywhere_is_no_mistake_of_ours(world: World, headers: dict[str, str]) -> None:
    content_type, body = uploads.distutils_upload_python27(
        fields_of(sdist()), sdist().filename, sdist().content
    )
    before = contents(world)
    for end in range(0, len(body) - 4, 97):
        cut = body[:end]
        world.app.post(ADDRESS, cut, headers={**headers, "Content-Type": content_type}, status=400)
    assert contents(world) == before
