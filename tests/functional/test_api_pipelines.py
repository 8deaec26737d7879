"""How the JSON API shows builds: GitLab's pipelines of releases and of files."""

from typing import Any

import pytest

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.builds.services.record import BuildFacts, record_build
from pyregistry.namespaces.services.create import find
from pyregistry.tokens.services.jobs import create_job_token, lifetime_of
from tests.factories.distributions import Distribution, sdist, wheel
from tests.factories.world import World, basic
from tests.functional.support import PROJECT, statements

API = "/api/v4/projects/acme%2Fcore/packages"
SHA = "0123456789abcdef0123456789abcdef01234567"


def publish(world: World, distribution: Distribution, **facts: str | None) -> None:
    """Publish as a job with these facts, a minute after the last one."""
    world.clock.advance(minutes=1)
    world.upload(PROJECT, distribution, basic(world.job_token(PROJECT, **facts)))


def listed(world: World, headers: dict[str, str] | None = None) -> list[Any]:
    found: list[Any] = world.app.get(API, {"per_page": 100}, headers=headers or {}).json
    return found


def release_of(world: World, distribution: Distribution) -> str:
    """The address of the release of a file."""
    file = world.file_named(distribution.filename)
    assert file is not None
    return f"{API}/{file.release_id}"


def test_everything_that_was_said(world: World) -> None:
    project = world.project(PROJECT, "public")
    publish(
        world,
        wheel(),
        pipeline_id="4711",
        pipeline_url="https://ci.example/p/4711",
        job_id="99",
        ref="main",
        sha=SHA,
        started_by="ada",
        source_repository="https://git.example/acme/core",
    )
    (release,) = listed(world)
    assert release["pipeline"] == {
        "id": 4711,
        "iid": None,
        "project_id": project,
        "sha": SHA,
        "ref": "main",
        "status": "success",
        "source": None,
        "created_at": "2026-11-23T12:01:00.000Z",
        "updated_at": "2026-11-23T12:01:00.000Z",
        "web_url": "https://ci.example/p/4711",
        "user": {"username": "ada", "name": "ada"},
        "job_id": 99,
        "source_repository": "https://git.example/acme/core",
        "verified": False,
        "issuer": None,
    }
    assert release["pipelines"] == [release["pipeline"]]
    address = release_of(world, wheel())
    assert world.app.get(address).json == {**release, "versions": []}
    assert world.app.get(f"{address}/pipelines").json == release["pipelines"]
    (file,) = world.app.get(f"{address}/package_files").json
    assert file["pipelines"] == release["pipelines"]


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("0", 0),
        ("7", 7),
        ("9" * 18, int("9" * 18)),
        ("9" * 19, "9" * 19),
        ("007", "007"),
        ("٣", "٣"),
        ("-1", "-1"),
        ("1.0", "1.0"),
        ("nightly-7", "nightly-7"),
        (None, None),
    ],
)
def test_numbers_where_they_are_numbers(world: World, told: str | None, shown: object) -> None:
    world.project(PROJECT, "public")
    publish(world, wheel(), pipeline_id=told, job_id=told)
    pipeline = listed(world)[0]["pipeline"]
    assert (pipeline["id"], pipeline["job_id"]) == (shown, shown)
    assert pipeline["user"] is None


@pytest.mark.parametrize(
    ("claims", "source"),
    [
        ({"pipeline_source": "push"}, "push"),
        ({"event_name": "release"}, "release"),
        ({"pipeline_source": ["push"]}, None),
        ({}, None),
    ],
)
def test_what_an_id_token_proved(world: World, claims: dict[str, Any], source: str | None) -> None:
    world.project(PROJECT, "public")
    with world.components.database.writing() as session:
        facts, project_id = BuildFacts(ref="main"), find(session, PROJECT).id
        issuer, now = "https://git.example", world.clock()
        build = record_build(session, project_id, facts, issuer=issuer, claims=claims, now=now)
        _, secret = create_job_token(session, build, lifetime=lifetime_of(None), now=now)
    world.upload(PROJECT, wheel(), basic(secret))
    pipeline = listed(world)[0]["pipeline"]
    assert (pipeline["verified"], pipeline["issuer"]) == (True, "https://git.example")
    assert pipeline["source"] == source


def test_what_people_published_has_none(world: World) -> None:
    world.project(PROJECT, "public")
    world.upload(PROJECT, wheel())
    (release,) = listed(world)
    assert (release["pipeline"], release["pipelines"]) == (None, [])
    address = release_of(world, wheel())
    assert world.app.get(f"{address}/pipelines").json == []
    (file,) = world.app.get(f"{address}/package_files").json
    assert file["pipelines"] == []


def several(world: World) -> str:
    """A release with files of two jobs, and of a person; its address."""
    world.project(PROJECT, "public")
    first = basic(world.job_token(PROJECT, pipeline_id="1"))
    world.upload(PROJECT, wheel(), first)
    world.upload(PROJECT, wheel(build="1"), first)
    publish(world, sdist(), pipeline_id="2")
    world.upload(PROJECT, wheel(build="2"))
    publish(world, wheel(version="2.0"), pipeline_id="3")
    return release_of(world, wheel())


def test_each_build_once_and_the_newest_first(world: World) -> None:
    address = several(world)
    first, second = listed(world)
    assert first["pipeline"]["id"] == 2
    assert [pipeline["id"] for pipeline in first["pipelines"]] == [2, 1]
    assert [pipeline["id"] for pipeline in second["pipelines"]] == [3]
    files = world.app.get(f"{address}/package_files").json
    assert [[pipeline["id"] for pipeline in file["pipelines"]] for file in files] == [
        [1],
        [1],
        [2],
        [],
    ]


def test_pages_of_pipelines(world: World) -> None:
    address = f"{several(world)}/pipelines"
    assert [pipeline["id"] for pipeline in world.app.get(address).json] == [2, 1]
    for page, ids in ((1, [2]), (2, [1]), (3, [])):
        found = world.app.get(address, {"per_page": 1, "page": page}).json
        assert [pipeline["id"] for pipeline in found] == ids
    world.app.get(address, {"page": "0"}, status=400)
    world.app.get(f"{address}/1", status=404)
    world.app.get(f"{API}/999/pipelines", status=404)
    world.app.post(address, status=(401, 405))


def test_a_deleted_file_takes_its_pipeline_along(world: World) -> None:
    address = several(world)
    world.user("root", is_admin=True)
    file = world.file_named(sdist().filename)
    assert file is not None
    world.app.delete(f"{address}/package_files/{file.id}", headers=world.as_("root"), status=204)
    assert [pipeline["id"] for pipeline in listed(world)[0]["pipelines"]] == [1]


def test_a_yank_answers_with_pipelines(world: World) -> None:
    address = several(world)
    world.user("root", is_admin=True)
    answer = world.app.put(address, {"yanked": "true"}, headers=world.as_("root")).json
    assert [pipeline["id"] for pipeline in answer["pipelines"]] == [2, 1]


def test_who_may_only_pull_learns_nothing_of_builds(world: World) -> None:
    """Anyone may pull from it, and nobody sees its pages: branches and people are its own."""
    world.project(PROJECT, anyone_can_pull=True)
    publish(world, wheel(), ref="secret-branch", started_by="ada")
    world.member(PROJECT, "gus", Role.GUEST)
    world.user("stranger")
    address = release_of(world, wheel())
    reporter, deploy = world.access_token(PROJECT, Role.REPORTER), world.deploy_token(PROJECT)
    knowing = [basic(reporter), basic(deploy, "deployer"), basic(world.job_token(PROJECT))]
    for headers in ({}, world.as_("gus"), world.as_("stranger"), *knowing):
        shown = headers in knowing
        for end in ("", "/pipelines", "/package_files"):
            assert ("secret-branch" in world.app.get(address + end, headers=headers).text) is shown
        assert ("secret-branch" in world.app.get(API, headers=headers).text) is shown


def test_a_reading_token_reads_them(world: World) -> None:
    world.project(PROJECT)
    publish(world, wheel(), ref="main")
    world.member(PROJECT, "rita", Role.REPORTER)
    (release,) = listed(world, world.as_("rita", Scope.READ_API))
    assert release["pipeline"]["ref"] == "main"


def test_a_page_of_releases_costs_the_same_for_one_and_for_twenty(world: World) -> None:
    world.project(PROJECT, "public")
    publish(world, wheel(), pipeline_id="0")
    address = release_of(world, wheel())
    with statements(world) as one:
        assert len(listed(world)) == 1
    with statements(world) as one_file:
        world.app.get(f"{address}/package_files")
    for number in range(1, 20):
        publish(world, wheel(version=f"1.{number}"), pipeline_id=str(number))
        publish(world, wheel(build=str(number)), pipeline_id=f"again {number}")
    with statements(world) as twenty:
        releases = listed(world)
    assert len(releases) == 20
    assert all(release["pipeline"] for release in releases)
    assert len(releases[0]["pipelines"]) == 20
    assert len(twenty) == len(one) <= 4
    with statements(world) as many_files:
        assert len(world.app.get(f"{address}/package_files").json) == 20
    assert len(many_files) == len(one_file) <= 3
