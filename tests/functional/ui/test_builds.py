"""How pages show who built a release, from what, and whether that is proved."""

from typing import Any

import pytest
from bs4 import Tag
from webtest import TestResponse

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.builds.services.record import BuildFacts, record_build
from pyregistry.namespaces.services.create import find
from pyregistry.tokens.services.jobs import create_job_token, lifetime_of
from tests.factories.distributions import sdist, wheel
from tests.factories.world import World, basic
from tests.functional.support import statements
from tests.functional.ui.browsing import hrefs, main_text, visit

PROJECT = "acme/core"
PAGE = f"/{PROJECT}/demo/"
SHA = "0123456789abcdef0123456789abcdef01234567"
PIPELINE = "https://git.example/a/b/c/-/pipelines/1"
RUN = "https://git.example/a/b/actions/runs/1"
FACTS: dict[str, str | None] = {
    "pipeline_id": "4711",
    "pipeline_url": "https://ci.example/p/4711",
    "job_id": "99",
    "ref": "main",
    "sha": SHA,
    "started_by": "ada",
    "source_repository": "https://git.example/acme/core",
}


@pytest.fixture(autouse=True)
def _project(world: World) -> None:
    world.project(PROJECT, "public")


def publish(world: World, distribution: Any, **facts: str | None) -> None:
    """Publish as a job with these facts."""
    world.upload(PROJECT, distribution, basic(world.job_token(PROJECT, **facts)))


def section(page: TestResponse) -> Tag:
    """The part of the page that tells how the release was built."""
    found: Tag = page.html.find("section", attrs={"aria-labelledby": "page-build"})
    return found


def panels(page: TestResponse) -> list[str]:
    """The text of each pipeline."""
    return [
        " ".join(panel.get_text(" ").split()) for panel in section(page).find_all(class_="panel")
    ]


def test_everything_that_a_job_said(world: World) -> None:
    publish(world, wheel("demo"), **FACTS)
    world.clock.advance(minutes=2)
    page = visit(world, PAGE)
    (text,) = panels(page)
    assert text == (
        "Declared The job said so; no ID token proves it. "
        "Pipeline 4711 Job 99 Branch or tag main Commit 01234567 Started by ada "
        "When 2 minutes ago Source repository https://git.example/acme/core"
    )
    assert {link["href"] for link in section(page).find_all("a")} == {
        "https://ci.example/p/4711",
        "https://git.example/acme/core",
    }
    for link in section(page).find_all("a"):
        assert link["rel"] == ["nofollow", "noopener", "noreferrer"]
    assert section(page).find("code", title=SHA).get_text() == "01234567"
    assert "uploaded 2 minutes ago in job 99" in main_text(page)
    assert "#page-build" in hrefs(page)
    assert panels(visit(world, f"{PAGE}1.0/")) == [text]


def test_what_an_id_token_proved(world: World) -> None:
    with world.components.database.writing() as session:
        project_id, now = find(session, PROJECT).id, world.clock()
        issuer = "https://git.example"
        build = record_build(
            session, project_id, BuildFacts(**FACTS), issuer=issuer, claims={}, now=now
        )
        _, secret = create_job_token(session, build, lifetime=lifetime_of(None), now=now)
    world.upload(PROJECT, wheel("demo"), basic(secret))
    (text,) = panels(visit(world, PAGE))
    assert text.startswith("Verified An ID token of https://git.example proves it. Pipeline 4711")


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({}, "Declared The job said nothing of itself. When just now"),
        ({"job_id": "7"}, "no ID token proves it. Job 7 When"),
        ({"pipeline_id": "7"}, "Pipeline 7 When"),
        ({"pipeline_url": "https://ci.example/7"}, "Pipeline https://ci.example/7 When"),
        ({"source_repository": "acme/core"}, "Source repository acme/core"),
    ],
)
def test_what_was_not_said_is_not_shown(
    world: World, facts: dict[str, str | None], shown: str
) -> None:
    publish(world, wheel("demo"), **facts)
    (text,) = panels(visit(world, PAGE))
    assert shown in text
    assert "None" not in text


@pytest.mark.parametrize(
    "repository", ["git@git.example:acme/core.git", "ssh://git@git.example/acme/core", "acme/core"]
)
def test_a_repository_that_no_browser_opens_is_text(world: World, repository: str) -> None:
    publish(world, wheel("demo"), source_repository=repository)
    page = visit(world, PAGE)
    assert repository in panels(page)[0]
    assert section(page).find_all("a") == []


def test_the_jobs_of_a_pipeline_are_shown_together(world: World) -> None:
    for number in (1, 2, 10):
        publish(world, wheel("demo", build=str(number)), **{**FACTS, "job_id": str(number)})
    publish(world, sdist("demo"), **{**FACTS, "pipeline_id": "4712"})
    world.upload(PROJECT, wheel("demo"))
    newer, older = panels(visit(world, PAGE))
    assert "Pipeline 4712 Job 99" in newer
    assert "Built 1 file of 5 demo-1.0.tar.gz" in newer
    assert "Pipeline 4711 Jobs 1 , 2 , 10 Branch" in older
    assert "Built 3 files of 5" in older


@pytest.mark.parametrize("fact", sorted({*FACTS} - {"job_id"}))
def test_jobs_that_differ_in_more_than_their_name_are_apart(world: World, fact: str) -> None:
    other = {"pipeline_url": "https://ci.example/p/1", "sha": SHA[::-1]}.get(fact, "other/one")
    publish(world, wheel("demo"), **FACTS)
    publish(world, sdist("demo"), **{**FACTS, fact: other})
    assert len(panels(visit(world, PAGE))) == 2


def test_who_uploaded_otherwise_and_with_what(world: World) -> None:
    world.member(PROJECT, "mira", Role.DEVELOPER)
    world.upload(PROJECT, wheel("demo"), world.as_("mira"))
    deploy = world.deploy_token(PROJECT, Scope.WRITE_PACKAGE_REGISTRY, username="shipper")
    world.upload(PROJECT, sdist("demo"), basic(deploy, "shipper"))
    bot = world.access_token(PROJECT, Role.DEVELOPER)
    world.upload(PROJECT, wheel("demo", build="1"), basic(bot))
    page = visit(world, PAGE)
    text = main_text(page)
    assert "uploaded just now by mira with a personal access token" in text
    assert "uploaded just now by shipper with a deploy token" in text
    assert "with a project access token" in text
    assert section(page) is None
    assert "#page-build" not in hrefs(page)
    # What people call their tokens is nobody else's business.
    assert "token of" not in text


def test_a_job_without_a_name_or_a_person(world: World) -> None:
    publish(world, wheel("demo"))
    assert "uploaded just now with a job token" in main_text(visit(world, PAGE))


HOSTILE = ("<script>alert(1)</script>", "'\"><img src=x onerror=alert(1)>", "{{ 7*7 }}", "עִבְרִית")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_only_words(world: World, text: str) -> None:
    facts = dict.fromkeys(("pipeline_id", "job_id", "ref", "started_by"), text)
    publish(world, wheel("demo"), **facts)
    page = visit(world, PAGE)
    assert text in main_text(page)
    found = section(page)
    assert found.find_all(["script", "img"]) == []
    # Each is isolated, so that letters from right to left turn nothing else around.
    isolated = [element.get_text() for element in found.find_all("bdi")]
    assert isolated == [text] * 4
    (uploaded,) = [
        [element.get_text() for element in facts.find_all("bdi")]
        for facts in page.html.find_all(class_="file-facts")
    ]
    assert uploaded == [text]


def test_what_is_long_stays_in_its_place(world: World) -> None:
    address = "https://ci.example/".ljust(2048, "x")
    publish(world, wheel("demo"), ref="y" * 255, pipeline_url=address, source_repository=address)
    page = visit(world, PAGE)
    for link in section(page).find_all("a"):
        assert link["href"] == address
        assert len(link.get_text()) == 200
    assert "y" * 255 in main_text(page)


def test_builds_cost_no_more_queries(world: World) -> None:
    world.upload(PROJECT, wheel("demo"))
    with statements(world) as none:
        visit(world, PAGE)
    for number in range(1, 6):
        publish(world, wheel("demo", build=str(number)), job_id=str(number))
    with statements(world) as five:
        visit(world, PAGE)
    # One more: which build published which file.
    assert len(five) == len(none) + 1


@pytest.mark.parametrize(
    ("repository", "pipeline", "href"),
    [
        ("https://gitlab.example/a/b", None, f"https://gitlab.example/a/b/-/commit/{SHA}"),
        ("https://github.example/a/b.git", None, f"https://github.example/a/b/commit/{SHA}"),
        ("https://git.example/a/b/c/", PIPELINE, f"https://git.example/a/b/c/-/commit/{SHA}"),
        ("https://git.example/a/b", RUN, f"https://git.example/a/b/commit/{SHA}"),
        ("https://git.example/a/b", None, None),
        ("https://git.example/a/b", "https://ci.example/p/1", None),
        ("https://gitlab.example/a", None, None),
        ("https://gitlab.example/a//b", None, None),
        ("https://gitlab.example/a/b?x=y", None, None),
        ("https://gitlab.example/a/b#c", None, None),
        ("git@gitlab.example:a/b.git", None, None),
        ("gitlab/b", None, None),
    ],
)
def test_a_commit_leads_to_its_page(
    world: World, repository: str, pipeline: str | None, href: str | None
) -> None:
    publish(world, wheel("demo"), sha=SHA, source_repository=repository, pipeline_url=pipeline)
    link = section(visit(world, PAGE)).find("code", title=SHA).find("a")
    assert (link and link["href"]) == href


def test_of_many_jobs_and_files_some_are_named(world: World) -> None:
    for number in range(52):
        publish(
            world, wheel("demo", build=str(number + 1)), pipeline_id="1", job_id=f"job-{number}"
        )
    world.upload(PROJECT, wheel("demo"))
    (text,) = panels(visit(world, PAGE))
    assert "job-19 and 32 more" in text
    assert "Built 52 files of 53" in text
    assert "and 2 others" in text
