"""What a job does with its token: publish and pull in its project, and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from pyregistry.builds.models import Build, FileBuild
from pyregistry.events.models import Event
from pyregistry.namespaces.services.create import find
from pyregistry.packaging.models import File
from pyregistry.tokens.models import Token
from tests.factories.distributions import sdist, wheel
from tests.factories.world import World, basic
from tests.functional.support import PROJECT, contents, sentence_of, upload_with

API = "/api/v4/projects/acme%2Fcore"
INDEX = f"/{PROJECT}/-/simple/"
Headers = Callable[[str], dict[str, str]]
PLACES: dict[str, Headers] = {
    "GitLab's user name": lambda secret: basic(secret, "gitlab-ci-token"),
    "any user name": lambda secret: basic(secret, "__token__"),
    "header": lambda secret: {"JOB-TOKEN": secret},
}


def as_job(secret: str) -> dict[str, str]:
    """Headers of a job."""
    return basic(secret, "gitlab-ci-token")


def built_by(world: World, filename: str) -> str | None:
    """The job that published a file."""
    with world.components.database.reading() as session:
        return session.scalars(
            select(Build.job_id)
            .join(FileBuild, FileBuild.build_id == Build.id)
            .join(File, File.id == FileBuild.file_id)
            .where(File.filename == filename)
        ).one_or_none()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("address", [f"/{PROJECT}/-/legacy/", f"{API}/packages/pypi"])
def test_publish_and_pull(world: World, place: str, address: str) -> None:
    world.project(PROJECT)
    headers = PLACES[place](world.job_token(PROJECT, job_id="7", started_by="ada"))
    distribution = wheel()
    world.upload(PROJECT, distribution, headers, address=address)
    page = world.app.get(f"{INDEX}demo-package/", headers=headers)
    assert distribution.filename in page.text
    files = f"/{PROJECT}/-/files/{distribution.sha256}/{distribution.filename}"
    assert world.app.get(files, headers=headers).body == distribution.content
    world.app.get("/acme/-/simple/demo-package/", headers=headers)
    file = world.file_named(distribution.filename)
    assert file is not None
    assert (file.uploader_id, file.uploader_name) == (None, "job 7")
    assert (file.credential_kind, file.credential_name) == ("job_token", "job 7")
    assert file.uploaded_from == "192.0.2.7"
    assert built_by(world, distribution.filename) == "7"


@pytest.mark.parametrize("place", ["PRIVATE-TOKEN", "Bearer", "Deploy-Token"])
def test_other_places_take_none(world: World, place: str) -> None:
    world.project(PROJECT, "public")
    secret = world.job_token(PROJECT)
    headers = {"Authorization": f"Bearer {secret}"} if place == "Bearer" else {place: secret}
    world.app.get(INDEX, headers=headers, status=401)


def test_who_started_the_job_is_unknown(world: World) -> None:
    world.project(PROJECT)
    distribution = wheel()
    world.upload(PROJECT, distribution, as_job(world.job_token(PROJECT, job_id="7")))
    file = world.file_named(distribution.filename)
    assert file is not None
    assert file.uploader_name == "job 7"
    with world.components.database.reading() as session:
        event = session.scalars(select(Event).where(Event.action == "file.pushed")).one()
    assert (event.actor_id, event.actor_name, event.credential_name) == (None, "job 7", "job 7")


def test_the_same_bytes_by_another_job_change_nothing(world: World) -> None:
    world.project(PROJECT)
    distribution = wheel()
    world.upload(PROJECT, distribution, as_job(world.job_token(PROJECT, job_id="1")))
    before = contents(world)
    world.upload(PROJECT, distribution, as_job(world.job_token(PROJECT, job_id="2")))
    world.upload(PROJECT, distribution)
    assert contents(world) == before
    assert built_by(world, distribution.filename) == "1"


def test_what_people_publish_has_no_build(world: World) -> None:
    world.project(PROJECT)
    world.upload(PROJECT, wheel())
    assert world.count(FileBuild) == 0


def test_bytes_that_people_published_get_no_build_later(world: World) -> None:
    world.project(PROJECT)
    world.upload(PROJECT, wheel())
    world.upload(PROJECT, wheel(), as_job(world.job_token(PROJECT)))
    assert world.count(FileBuild) == 0


def test_a_refused_upload_leaves_no_build(world: World) -> None:
    world.project(PROJECT)
    headers = as_job(world.job_token(PROJECT))
    world.upload(PROJECT, wheel(), headers)
    world.upload(PROJECT, wheel(files={"more.txt": b"more"}), headers, status=409)
    assert (world.count(File), world.count(FileBuild)) == (1, 1)


def test_the_build_outlives_its_token(world: World) -> None:
    world.project(PROJECT)
    distribution = wheel()
    world.upload(PROJECT, distribution, as_job(world.job_token(PROJECT, job_id="1")))
    world.clock.advance(days=3)
    world.job_token(PROJECT)
    assert world.count(Token) == 1
    assert built_by(world, distribution.filename) == "1"


def test_a_project_takes_its_builds_along(world: World) -> None:
    world.project(PROJECT)
    world.job_token(PROJECT)
    with world.components.database.writing() as session:
        session.delete(find(session, PROJECT))
    assert (world.count(Build), world.count(Token)) == (0, 0)


def test_until_it_expires(world: World) -> None:
    world.project(PROJECT, "public")
    headers = as_job(world.job_token(PROJECT))
    world.clock.advance(minutes=59, seconds=59)
    world.app.get(INDEX, headers=headers)
    world.clock.advance(seconds=1)
    world.app.get(INDEX, headers=headers, status=401)
    world.upload(PROJECT, wheel(), headers, status=401)
    assert world.count(File) == 0


@pytest.mark.parametrize("end", ["expired", "revoked"])
def test_not_even_where_it_ends_while_the_file_is_sent(world: World, end: str) -> None:
    world.project(PROJECT)
    headers = as_job(world.job_token(PROJECT))

    def meanwhile() -> None:
        if end == "expired":
            world.clock.advance(hours=2)
            return
        with world.components.database.writing() as session:
            session.execute(update(Token).values(revoked_at=world.clock()))

    assert upload_with(world, wheel(), headers, meanwhile).status_int == 401
    assert (world.count(File), world.count(FileBuild)) == (0, 0)


@pytest.mark.parametrize("path", ["acme/other", "other/core"])
def test_another_project(world: World, path: str) -> None:
    world.project(PROJECT)
    world.project(path)
    headers = as_job(world.job_token(PROJECT))
    there = world.app.get(f"/{path}/-/simple/", headers=headers, status=404)
    not_there = world.app.get("/acme/nothing/-/simple/", headers=headers, status=404)
    assert there.body == not_there.body
    world.upload(path, wheel(), headers, status=404)
    assert world.count(File) == 0


def test_the_group_shows_a_job_its_own_project_only(world: World) -> None:
    world.project(PROJECT)
    world.project("acme/other")
    world.upload("acme/other", wheel("secret"))
    world.upload(PROJECT, wheel("demo"))
    page = world.app.get("/acme/-/simple/", headers=as_job(world.job_token(PROJECT)))
    assert "demo" in page.text
    assert "secret" not in page.text


def test_a_public_project_of_others_is_read_as_anyone_reads_it(world: World) -> None:
    world.project(PROJECT)
    world.project("open/core", "public")
    headers = as_job(world.job_token(PROJECT))
    world.app.get("/open/core/-/simple/", headers=headers)
    world.upload("open/core", wheel(), headers, status=403)
    world.project("inside/core", "internal")
    world.app.get("/inside/core/-/simple/", headers=headers, status=404)


def test_nothing_else_in_its_project(world: World) -> None:
    world.project(PROJECT)
    distribution = sdist()
    headers = as_job(world.job_token(PROJECT))
    world.upload(PROJECT, distribution, headers)
    file = world.file_named(distribution.filename)
    assert file is not None
    release = f"{API}/packages/{file.release_id}"
    requests: list[tuple[str, str, dict[str, Any]]] = [
        ("PUT", release, {"yanked": "true"}),
        ("DELETE", release, {}),
        ("DELETE", f"{release}/package_files/{file.id}", {}),
        ("PUT", f"{API}/packages/pypi/status/demo-package", {"status": "archived"}),
        ("GET", f"{API}/members", {}),
        ("POST", f"{API}/members", {"username": "ada", "access_level": "50"}),
        ("PUT", API, {"visibility": "public"}),
        ("POST", f"{API}/job_tokens", {}),
        ("GET", f"/{PROJECT}/", {}),
        ("GET", f"/{PROJECT}/demo-package/", {}),
    ]
    before = contents(world)
    for method, address, form in requests:
        body = "&".join(f"{name}={value}" for name, value in form.items())
        response = world.app.request(
            address,
            method=method,
            body=body.encode(),
            headers={**headers, "Content-Type": "application/x-www-form-urlencoded"},
            status=403,
        )
        assert sentence_of(response) == "A job token cannot do this.", (method, address)
    assert contents(world) == before


@pytest.mark.parametrize(
    "end", ["", "/{release}", "/{release}/package_files", "/{release}/pipelines"]
)
def test_it_reads_packages_in_the_api(world: World, end: str) -> None:
    world.project(PROJECT)
    headers = as_job(world.job_token(PROJECT))
    world.upload(PROJECT, wheel(), headers)
    file = world.file_named(wheel().filename)
    assert file is not None
    address = f"{API}/packages{end}".format(release=file.release_id)
    assert '"verified": false' in world.app.get(address, headers=headers).text
