"""The largest file and quotas, where somebody publishes: refused with the figures."""

from random import Random
from typing import Any

import pytest
from webtest import TestResponse

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.sentences import shown_size
from tests.factories import uploads
from tests.factories.distributions import Distribution, sdist, wheel
from tests.factories.limits import counted_rightly, set_limits, used
from tests.factories.world import World, basic, fields_of
from tests.functional.support import (
    PROJECT,
    Stream,
    contents,
    project_row,
    send_stream,
    sentence_of,
    upload_with,
)

MIB = 1024**2


@pytest.fixture
def headers(world: World) -> dict[str, str]:
    """The headers of a Maintainer of the project alone; the group above is private."""
    world.group("acme")
    world.project(PROJECT)
    world.member(PROJECT, "dora", Role.MAINTAINER)
    return world.as_("dora")


def large(size: int, version: str = "1.0") -> Distribution:
    """A wheel of a little more than so many bytes."""
    return wheel(version=version, files={"noise.bin": Random(size).randbytes(size)})


def size_of(distribution: Distribution) -> int:
    return len(distribution.content)


def refused(
    world: World, headers: dict[str, str], distribution: Distribution, **options: Any
) -> str:
    """The sentence of a 413, after which nothing has changed."""
    before = contents(world)
    response = world.upload(PROJECT, distribution, headers, status=413, **options)
    assert contents(world) == before
    assert counted_rightly(world)
    return sentence_of(response)


@pytest.mark.parametrize("name", ["max_file_size", "admin_max_file_size"])
@pytest.mark.parametrize("path", [PROJECT, "acme"])
def test_the_largest_file(world: World, headers: dict[str, str], path: str, name: str) -> None:
    kind = "project" if path == PROJECT else "group"
    published, larger = sdist(), large(20_000, "2.0")
    set_limits(world, path, **{name: size_of(published)})
    world.upload(PROJECT, published, headers)
    sentence = refused(world, headers, larger)
    whom = "an administrator" if name.startswith("admin") else f"an Owner of the {kind}"
    limit = shown_size(size_of(published))
    assert sentence.startswith(f"The file of {shown_size(size_of(larger))} is larger")
    assert sentence.endswith(
        f"is larger than {limit}, the largest that the {kind} {path} takes: ask {whom}."
    )


def test_the_largest_file_of_the_registry(world: World, headers: dict[str, str]) -> None:
    set_limits(world, "", max_file_size=10)
    assert refused(world, headers, sdist()).endswith(
        "10 bytes, the largest that this registry takes: ask an administrator."
    )


@pytest.mark.parametrize("name", ["storage_limit", "admin_storage_limit"])
@pytest.mark.parametrize("path", [PROJECT, "acme", ""])
def test_a_quota(world: World, headers: dict[str, str], path: str, name: str) -> None:
    published, more = sdist(), sdist(version="2.0")
    limit = size_of(published) + size_of(more)
    set_limits(world, path, **{name if path else "storage_limit": limit - 1})
    world.upload(PROJECT, published, headers)
    sentence = refused(world, headers, more)
    kind = "project" if path == PROJECT else "group"
    place = f"the {kind} {path}" if path else "this registry"
    by_owner = path and name == "storage_limit"
    whom = f"an Owner of the {kind}" if by_owner else "an administrator"
    figures = f"{shown_size(size_of(published))} of {shown_size(limit - 1)} are used"
    assert sentence.startswith(f"The file of {shown_size(size_of(more))} does not fit")
    assert f" does not fit into the quota of {place}: {figures}, " in sentence
    assert sentence.endswith(f" left. Delete what nobody needs, or ask {whom} for more.")
    # Just what there is room for fits.
    set_limits(world, path, **{name if path else "storage_limit": limit})
    world.upload(PROJECT, more, headers)
    assert used(world, path) == limit
    assert counted_rightly(world)


def test_the_same_file_again_is_no_matter_of_limits(world: World, headers: dict[str, str]) -> None:
    published, another = sdist(), sdist(files={"another.py": b"x = 1\n"})
    world.upload(PROJECT, published, headers)
    set_limits(world, PROJECT, storage_limit=1, max_file_size=1)
    before = contents(world)
    world.upload(PROJECT, published, headers, status=200)
    assert "already exists" in sentence_of(world.upload(PROJECT, another, headers, status=409))
    assert contents(world) == before
    refused(world, headers, sdist(version="2.0"))


def test_deleting_makes_room(world: World, headers: dict[str, str]) -> None:
    published, more = sdist(), sdist(version="2.0")
    set_limits(world, "acme", storage_limit=max(size_of(published), size_of(more)))
    world.upload(PROJECT, published, headers)
    refused(world, headers, more)
    world.app.delete("/api/v4/projects/acme%2Fcore/packages/1", headers=headers, status=204)
    assert used(world) == used(world, "acme") == 0
    world.upload(PROJECT, more, headers)
    assert counted_rightly(world)


def test_a_quota_counts_the_projects_beside(world: World, headers: dict[str, str]) -> None:
    world.group("acme/team")
    world.project("acme/team/other")
    set_limits(world, "acme", storage_limit=2 * size_of(sdist()) - 1)
    # The same bytes in two projects are stored once, and count twice.
    world.upload("acme/team/other", sdist())
    refused(world, headers, sdist())
    assert used(world, "acme") == used(world, "acme/team") == size_of(sdist())
    assert used(world, PROJECT) == 0


def send(
    world: World, headers: dict[str, str], distribution: Distribution, length: int | None = None
) -> tuple[TestResponse, Stream]:
    """Publish with another declared length than that of what is sent."""
    fields = fields_of(distribution)
    content_type, body = uploads.twine(fields, distribution.filename, distribution.content)
    stream = Stream(body, lambda: pytest.fail("it was read to its end"))
    sent = {**headers, "Content-Type": content_type}
    if length is not None:
        sent["Content-Length"] = str(length)
    return send_stream(world, stream, sent), stream


def test_a_declared_length_is_refused_before_the_file_is_kept(
    world: World, headers: dict[str, str]
) -> None:
    set_limits(world, PROJECT, storage_limit=MIB)
    before = contents(world)
    response, _ = send(world, headers, sdist(), 20 * MIB)
    assert response.status_int == 413
    sentence = sentence_of(response)
    assert sentence.startswith("The file of at least 11.0 MiB does not fit into the quota of")
    assert contents(world) == before


def test_more_bytes_than_there_is_room_for_are_not_awaited(
    world: World, headers: dict[str, str]
) -> None:
    """Where no length is declared, or one that a form without a file may have."""
    set_limits(world, PROJECT, storage_limit=MIB)
    before = contents(world)
    response, _ = send(world, headers, large(2 * MIB), 9 * MIB)
    assert response.status_int == 413
    assert sentence_of(response).startswith("The file of at least ")
    assert contents(world) == before


def test_what_others_published_meanwhile_counts(world: World, headers: dict[str, str]) -> None:
    published, more = sdist(), sdist(version="2.0")
    set_limits(world, "acme", storage_limit=size_of(published) + size_of(more) - 1)
    world.project("acme/other")

    def meanwhile() -> None:
        world.upload("acme/other", published)

    response = upload_with(world, more, headers, meanwhile)
    assert response.status_int == 413
    assert "does not fit into the quota of the group acme" in sentence_of(response)
    assert used(world) == size_of(published)
    assert project_row(world).files_count == 0
    assert counted_rightly(world)


def test_whoever_publishes_learns_which_group_it_is(world: World, headers: dict[str, str]) -> None:
    """By the policy they see every group above: its quota is told to deploy tokens, too."""
    set_limits(world, "acme", storage_limit=5)
    token = world.deploy_token(PROJECT, Scope.WRITE_PACKAGE_REGISTRY)
    for each in (headers, basic(token, "deployer"), basic(world.job_token(PROJECT))):
        sentence = refused(world, each, sdist())
        assert "the quota of the group acme: 0 bytes of 5 bytes are used" in sentence


def test_sizes_that_look_the_same_are_told_to_the_byte(
    world: World, headers: dict[str, str]
) -> None:
    distribution = large(200_000)
    set_limits(world, PROJECT, storage_limit=size_of(distribution) - 1)
    # The check before storing has the size of the whole file; the one on the way has less.
    sentence = refused(world, headers, distribution)
    assert f"{size_of(distribution) - 1:,} bytes" in sentence


def test_who_has_lost_their_way_in_learns_no_figures(world: World, headers: dict[str, str]) -> None:
    """While the fields came; the file has not begun."""
    set_limits(world, PROJECT, storage_limit=1)
    fields = fields_of(sdist())
    content_type, body = uploads.twine(fields, sdist().filename, sdist().content)
    begun = body.index(b'name="content"')

    def leave() -> None:
        world.member(PROJECT, "dora", Role.REPORTER)

    response = send_stream(
        world,
        Stream(body[:begun], leave, body[begun:]),
        {**headers, "Content-Type": content_type, "Content-Length": str(len(body))},
    )
    assert response.status_int == 403
    assert "quota" not in sentence_of(response)
