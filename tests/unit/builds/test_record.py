"""What a build may say of itself."""

from dataclasses import asdict, fields

import pytest
from sqlalchemy import select

from pyregistry.builds.models import Build
from pyregistry.builds.services.record import PARAMETERS, BuildFacts, check_facts, record_build
from pyregistry.errors import Invalid
from pyregistry.namespaces.services.create import find
from tests.factories.world import START, World

SHA = "0123456789abcdef0123456789abcdef01234567"
EVERYTHING = BuildFacts(
    pipeline_id="4711",
    pipeline_url="https://ci.example/acme/core/-/pipelines/4711",
    job_id="99",
    ref="main",
    sha=SHA,
    started_by="ada",
    source_repository="https://git.example/acme/core",
)
NAMES = [fact.name for fact in fields(BuildFacts)]
RIGHT_TO_LEFT_OVERRIDE, RIGHT_TO_LEFT_MARK, ISOLATE = "\u202e", "\u200f", "\u2066"


def recorded(world: World, facts: BuildFacts) -> Build:
    """The row that facts become, as committed."""
    project = world.project("acme/core")
    with world.components.database.writing() as session:
        build_id = record_build(session, project, facts, now=world.clock()).id
    with world.components.database.reading() as session:
        return session.get_one(Build, build_id)


def refused(**facts: str | None) -> str:
    """The sentence that refuses facts."""
    with pytest.raises(Invalid) as refusal:
        check_facts(BuildFacts(**facts))
    refusal.value.sentence.encode("latin-1")
    return refusal.value.sentence


def test_the_longest_facts_are_kept(world: World) -> None:
    address = "https://ci.example/".ljust(2048, "x")
    facts = BuildFacts("ö" * 255, address, "字" * 255, "🐍" * 255, "0" * 64, "é" * 255, address)
    build = recorded(world, facts)
    assert {name: getattr(build, name) for name in NAMES} == asdict(facts)


def test_every_fact_is_kept(world: World) -> None:
    build = recorded(world, EVERYTHING)
    assert {name: getattr(build, name) for name in NAMES} == asdict(EVERYTHING)
    assert (build.issuer, build.claims, build.created_at) == (None, None, START)


def test_every_fact_may_be_missing(world: World) -> None:
    build = recorded(world, BuildFacts())
    assert {getattr(build, name) for name in NAMES} == {None}


def test_verified_claims_are_kept_with_their_issuer(world: World) -> None:
    project = world.project("acme/core")
    claims = {"project_path": "acme/core", "ref_protected": True}
    with world.components.database.writing() as session:
        record_build(
            session, project, EVERYTHING, issuer="https://git.example", claims=claims, now=START
        )
    with world.components.database.reading() as session:
        build = session.scalars(select(Build)).one()
    assert (build.issuer, build.claims) == ("https://git.example", claims)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\nb",
        "a\tb",
        "a\x00b",
        "a\x1b[31mb",
        "a\x7fb",
        "a\x9bb",
        "a\u2028b",
        "a\xa0b",
        "a\ud800b",
        f"a{RIGHT_TO_LEFT_OVERRIDE}b",
        f"a{RIGHT_TO_LEFT_MARK}b",
        f"a{ISOLATE}b",
        "\ufeffa",
    ],
)
def test_what_cannot_be_printed_is_refused(name: str, text: str) -> None:
    said = refused(**{name: text})
    assert f"The parameter {PARAMETERS.get(name, name)} must have 1 to" in said


@pytest.mark.parametrize("name", sorted({*NAMES} - {"sha", "pipeline_url", "source_repository"}))
def test_texts_have_255_characters(name: str) -> None:
    assert "1 to 255" in refused(**{name: "x" * 256})
    check_facts(BuildFacts(**{name: "ö" * 255}))


@pytest.mark.parametrize("name", ["pipeline_url", "source_repository"])
def test_addresses_have_2048_characters(name: str) -> None:
    longest = "https://ci.example/".ljust(2048, "x")
    assert "1 to 2048" in refused(**{name: longest + "x"})
    check_facts(BuildFacts(**{name: longest}))


@pytest.mark.parametrize("text", ["<script>", "ветка", "עִבְרִית", "x y", "'\"&", "a/b#c?d%2F"])
def test_a_branch_may_have_any_letters(text: str) -> None:
    check_facts(BuildFacts(ref=text))


WEB = [
    "https://ci.example",
    "http://ci.example/",
    "HTTPS://CI.example/a",
    "https://ci.example:8443/a/b?c=d&e=%20#f",
    "http://[::1]:8080/a",
    "http://ci_server/job/1/",
    "https://ci.example/@ada/core",
    "https://ci.example?a@b",
]
NO_ADDRESS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "javascript://ci.example/%0aalert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "mailto:ada@example.org",
    "ftp://ci.example/",
    "blob:https://ci.example/x",
    "https:",
    "https://",
    "https:///a",
    "https:/ci.example",
    "https:\\\\ci.example",
    "//ci.example/a",
    " https://ci.example",
    "https://ci.example/a b",
    "https://user@ci.example/",
    "https://user:secret@ci.example/",
    "https://:secret@ci.example/",
    "https://@ci.example/",
    "https://good.example\\@evil.example/",
    "https://good.example\\.evil.example/",
    'https://ci.example/"onmouseover="x',
    "https://ci.example/<script>",
    "https://ci.example/`x`",
    "https://ci.example:port/",
    "https://ci.example:123456/",
    "https://[javascript]/",
    "https://пример.example/",
    "https://ci.example/ä",
    "https://ci%2eexample/",
    "https://\u212aelvin.example/",  # a letter that is k without case
]


@pytest.mark.parametrize("address", WEB)
def test_a_pipeline_has_an_address_on_the_web(address: str) -> None:
    check_facts(BuildFacts(pipeline_url=address))


@pytest.mark.parametrize("address", [*NO_ADDRESS, "acme/core", "ssh://git@git.example/a"])
def test_what_is_no_address_on_the_web_is_refused(address: str) -> None:
    assert "pipeline_url" in refused(pipeline_url=address)


@pytest.mark.parametrize(
    "repository",
    [
        *WEB,
        "git@git.example:acme/core.git",
        "git@git.example:/srv/git/core.git",
        "ssh://git@git.example:2222/acme/core.git",
        "ssh://git.example/acme/core.git",
        "git://git.example/acme/core.git",
        "git+ssh://git@git.example/acme/core.git",
        "acme/core",
        "acme/team/core",
        "git@git.example:~ada/core",
    ],
)
def test_a_repository_has_an_address_or_a_path(repository: str) -> None:
    check_facts(BuildFacts(source_repository=repository))


@pytest.mark.parametrize(
    "repository",
    [
        *NO_ADDRESS,
        "https://gitlab-ci-token:glcbt-secret@git.example/acme/core.git",
        "ssh://git:secret@git.example/acme/core.git",
        "git:secret@git.example:acme/core.git",
        "git@git.example:secret@evil.example",
        "git@git.example:",
        "core",
        "/etc/passwd",
        "acme//core",
        "acme/core?x",
    ],
)
def test_what_is_no_repository_or_names_a_password_is_refused(repository: str) -> None:
    said = refused(source_repository=repository)
    assert "source_repository" in said
    assert "secret" not in said


@pytest.mark.parametrize("sha", [SHA, SHA + "0" * 24, SHA.upper()])
def test_a_commit_is_kept_in_lower_case(world: World, sha: str) -> None:
    assert recorded(world, BuildFacts(sha=sha)).sha == sha.lower()


@pytest.mark.parametrize("sha", [SHA[:-1], SHA + "0", SHA[:-1] + "g", "HEAD", "٣" * 40, SHA + "\n"])
def test_what_is_no_commit_is_refused(sha: str) -> None:
    assert "sha" in refused(sha=sha)


def test_nothing_is_left_of_what_is_refused(world: World) -> None:
    project = world.project("acme/core")
    with pytest.raises(Invalid), world.components.database.writing() as session:
        record_build(session, project, BuildFacts(ref="main", sha="x"), now=START)
    assert world.count(Build) == 0


def test_a_build_goes_with_its_project(world: World) -> None:
    recorded(world, EVERYTHING)
    with world.components.database.writing() as session:
        session.delete(find(session, "acme/core"))
    assert world.count(Build) == 0
