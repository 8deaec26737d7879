"""What another index has is taken into a project."""

import json
from collections.abc import Iterator
from hashlib import sha512
from pathlib import Path

import pytest
from sqlalchemy import select

from pyregistry.authnz.roles import Role
from pyregistry.intake.client import IndexClient, Login
from pyregistry.intake.errors import CannotFetch
from pyregistry.intake.services.indexes import take_index
from pyregistry.intake.services.take import Intake, Outcome, Taken
from pyregistry.packaging.models import File, Release
from tests.conftest import NewDatabase
from tests.factories.distributions import sdist, wheel
from tests.factories.index_servers import Static, served, static
from tests.factories.watchers import Unwatched
from tests.factories.world import Clock, World, new_components
from tests.functional.intake.conftest import MakeIntake, intake_of

PAGE = "/simple/demo/"
JSON_PAGE = "application/vnd.pypi.simple.v1+json"


@pytest.fixture
def site() -> Iterator[Static]:
    with static() as found:
        yield found


def taken(intake: Intake, index: str, *names: str, login: Login | None = None) -> dict[str, Taken]:
    client = IndexClient(index, login, 2)
    try:
        return {each.filename: each for each in take_index(intake, client, names, 2, Unwatched())}
    finally:
        client.close()


def refusal(found: dict[str, Taken], filename: str) -> str:
    assert found[filename].outcome is Outcome.REFUSED
    return str(found[filename].reason)


def release(world: World, version: str) -> Release:
    with world.components.database.reading() as session:
        return session.scalars(select(Release).where(Release.version == version)).one()


def token_of_a_reader(world: World, path: str) -> str:
    world.member(path, "reader", Role.REPORTER)
    return world.token("reader")


def test_another_registry(world: World, new_sqlite: NewDatabase, tmp_path: Path) -> None:
    first, second = (
        wheel("demo", "1.0"),
        wheel("demo", "2.0", metadata={"Requires-Python": ">=3.9"}),
    )
    world.project("there/lib")
    other = wheel("Other.Name", "1.0")
    for each in (first, second, sdist("demo", "1.0"), other):
        world.upload("there/lib", each)
    token = token_of_a_reader(world, "there/lib")
    with world.components.database.writing() as session:
        file = world.file_named(first.filename)
        assert file is not None
        found = session.get_one(Release, file.release_id)
        found.yanked, found.yanked_reason = True, "broken"
    target = new_components(new_sqlite(), tmp_path, Clock())
    here = World(target, Clock(), world.app)
    intake = intake_of(here)
    with served(world.app.app) as address:
        index, login = f"{address}/there/lib/-/simple/", Login("anyone", token)
        done = taken(intake, index, login=login)
        again = taken(intake, index, login=login)
        with pytest.raises(CannotFetch, match=r"credentials \(401\)"):
            taken(intake, index, login=Login("anyone", "wrong"))
    assert {each.outcome for each in done.values()} == {Outcome.PUBLISHED}
    assert {each.outcome for each in again.values()} == {Outcome.UNCHANGED}
    assert len(done) == here.count(File) == 4
    row = here.file_named(second.filename)
    assert row is not None
    assert (row.sha256, row.requires_python) == (second.sha256, ">=3.9")
    with here.components.database.reading() as session:
        reasons = session.scalars(select(Release.yanked_reason).where(Release.yanked)).all()
    assert reasons == ["broken"]
    target.database.dispose()


def test_pages_written_by_hand(world: World, make_intake: MakeIntake, site: Static) -> None:
    good, plain, long = wheel("demo", "1.0"), wheel("demo", "2.0"), wheel("demo", "3.0")
    wrong, broken = wheel("demo", "4.0"), "demo-5.0-py3-none-any.whl"
    for each in (good, plain, long, wrong):
        site.add(f"/files/{each.filename}", each.content, "application/zip")
    site.add(f"/files/{broken}", b"no archive")
    digest = sha512(long.content).hexdigest()
    site.add("/simple/", '<html><body><a href="demo/">demo</a>')
    site.add(
        PAGE,
        '<base href="/files/">'
        f'<a href="{good.filename}#sha256={good.sha256.upper()}" data-yanked="old">x</a>'
        f'<a href="{plain.filename}">x</a><a href="{long.filename}#sha512={digest}">x</a>'
        f'<a href="{wrong.filename}#md5={"0" * 32}">x</a><a href="{broken}">x</a>'
        '<a href="missing-1.0.tar.gz">x</a><a href="file:///etc/demo-9.0.tar.gz">x</a>'
        '<a href="demo-8.0.egg">x</a>',
    )
    found = taken(make_intake(), f"{site.address}/simple")
    published = {name for name, each in found.items() if each.outcome is Outcome.PUBLISHED}
    assert published == {good.filename, plain.filename, long.filename}
    assert "The md5 of the file is" in refusal(found, wrong.filename)
    assert "not one of the package" in refusal(found, "missing-1.0.tar.gz")
    assert "no address that begins with http" in refusal(found, "demo-9.0.tar.gz")
    assert "no extension" in refusal(found, "demo-8.0.egg")
    assert refusal(found, broken)
    yanked = release(world, "1.0")
    assert (yanked.yanked, yanked.yanked_reason) == (True, "old")
    assert not release(world, "2.0").yanked
    assert world.leftovers() == []
    assert {good.sha256, plain.sha256, long.sha256} == world.stored_objects()


def test_credentials_go_to_the_index_alone(make_intake: MakeIntake, site: Static) -> None:
    near, far, moved = wheel("demo", "1.0"), wheel("demo", "2.0"), wheel("demo", "3.0")
    with static() as elsewhere:
        site.add(f"/{near.filename}", near.content)
        elsewhere.add(f"/{far.filename}", far.content)
        elsewhere.add(f"/{moved.filename}", moved.content)
        target = f"{elsewhere.address}/{moved.filename}"
        site.add(f"/{moved.filename}", status=302, Location=target)
        links = [f"/{near.filename}", f"{elsewhere.address}/{far.filename}", f"/{moved.filename}"]
        site.add("/there/", "".join(f'<a href="{link}">x</a>' for link in links))
        site.add(PAGE, status=301, Location="/there/")
        login = Login("alice", "sécret")
        found = taken(make_intake(), f"{site.address}/simple/", "demo", login=login)
        assert {each.outcome for each in found.values()} == {Outcome.PUBLISHED}
        assert {login for _, login in site.asked} == {"alice:sécret"}
        assert [login for _, login in elsewhere.asked] == [None, None]


def test_other_answers_are_told(make_intake: MakeIntake, site: Static) -> None:
    intake, index = make_intake(max_file_size=1000), f"{site.address}/simple/"
    site.add("/simple/large/", '<a href="/large-1.0.tar.gz">x</a>')
    site.add("/large-1.0.tar.gz", b"x" * 1001)
    site.add("/simple/cut/", '<a href="/cut-1.0.tar.gz">x</a>')
    site.answers["/cut-1.0.tar.gz"] = (200, {"Content-Length": "500"}, b"x" * 100)
    site.add("/simple/circle/", status=302, Location="/simple/circle/")
    site.add("/simple/nowhere/", status=302)
    site.add("/simple/newer/", '{"meta": {"api-version": "2.0"}, "files": []}', "application/json")
    site.add("/simple/odd/", '{"files": 1}', "application/vnd.pypi.simple.v1+json")
    names = ("large", "cut", "circle", "nowhere", "newer", "odd", "none", "no name")
    found = taken(intake, index, *names)
    assert "more than 1,000 bytes" in refusal(found, "large-1.0.tar.gz")
    assert "broke off" in refusal(found, "cut-1.0.tar.gz")
    assert "again and again" in refusal(found, "circle")
    assert "to nowhere" in refusal(found, "nowhere")
    assert "version '2.0'" in refusal(found, "newer")
    assert "no page of the simple API" in refusal(found, "odd")
    assert "was answered 404" in refusal(found, "none")
    assert refusal(found, "no name")
    with pytest.raises(CannotFetch, match="by themselves"):
        IndexClient("http://alice:secret@127.0.0.1/simple/", None, 1)
    with pytest.raises(CannotFetch, match="begins with http"):
        IndexClient("ftp://127.0.0.1/simple/", None, 1)


def test_an_address_that_is_none_costs_one_file(site: Static, make_intake: MakeIntake) -> None:
    good, bad = wheel("demo", "1.0"), wheel("demo", "2.0")
    rows = [
        {"filename": good.filename, "url": "/good", "hashes": {}},
        {"filename": bad.filename, "url": "http://[bad", "hashes": {}},
    ]
    site.add(PAGE, json.dumps({"meta": {}, "files": rows}), JSON_PAGE)
    site.add("/good", good.content)
    found = taken(make_intake(), f"{site.address}/simple/", "demo")
    assert found[good.filename].outcome is Outcome.PUBLISHED
    assert "is no address" in refusal(found, bad.filename)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (302, "", "'http://[bad' is no address"),
        (200, "<![[[[[[[[[[[[[[[[[[", "is no page of the simple API"),
    ],
)
def test_a_page_that_cannot_be_read_costs_one_package(
    site: Static, make_intake: MakeIntake, status: int, body: str, said: str
) -> None:
    site.add(PAGE, body, status=status, Location="http://[bad")
    assert said in refusal(taken(make_intake(), f"{site.address}/simple/", "demo"), "demo")


@pytest.mark.parametrize("unstorable", ["\x00", "\ud800", "\x1b"])
def test_a_reason_that_cannot_be_stored(
    world: World, site: Static, make_intake: MakeIntake, unstorable: str
) -> None:
    file = wheel("demo", "1.0")
    row = {"filename": file.filename, "url": "/w", "hashes": {}, "yanked": f"a{unstorable}b"}
    site.add(PAGE, json.dumps({"meta": {}, "files": [row]}), JSON_PAGE)
    site.add("/w", file.content)
    found = taken(make_intake(), f"{site.address}/simple/", "demo")
    assert found[file.filename].outcome is Outcome.PUBLISHED
    assert release(world, "1.0").yanked_reason == "a b"


def test_a_reason_goes_to_a_terminal(site: Static, make_intake: MakeIntake) -> None:
    site.add(PAGE, '<a href="http://a\x9bc/demo-1.0-py3-none-any.whl">x</a>')
    found = taken(make_intake(), f"{site.address}/simple/", "demo")
    assert refusal(found, "demo-1.0-py3-none-any.whl").isprintable()
