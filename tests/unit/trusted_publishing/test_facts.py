"""From verified claims to the facts of a build, with no address that they do not prove."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyregistry.builds.services.record import BuildFacts, check_facts
from pyregistry.trusted_publishing.facts import facts_of, is_github, kept_claims

SHA = "c0ffee" + "0" * 34
GITLAB = "https://gitlab.example.org"
GITHUB = "https://token.actions.githubusercontent.com"
GITLAB_CLAIMS = {
    "project_path": "acme/core",
    "pipeline_id": "7",
    "job_id": "11",
    "ref": "v1.0",
    "ref_type": "tag",
    "sha": SHA,
    "user_login": "ada",
    "ci_config_ref_uri": "gitlab.example.org/acme/core//.gitlab-ci.yml@refs/tags/v1.0",
}
GITHUB_CLAIMS = {
    "repository": "acme/core",
    "run_id": "7",
    "check_run_id": "11",
    "ref": "refs/heads/feature/x",
    "sha": SHA,
    "actor": "ada",
}


def test_gitlab() -> None:
    assert facts_of(GITLAB, GITLAB_CLAIMS) == BuildFacts(
        pipeline_id="7",
        pipeline_url=f"{GITLAB}/acme/core/-/pipelines/7",
        job_id="11",
        ref="v1.0",
        sha=SHA,
        started_by="ada",
        source_repository=f"{GITLAB}/acme/core",
    )


@pytest.mark.parametrize(
    ("issuer", "configuration", "server"),
    [
        (f"{GITLAB}/", None, GITLAB),
        (f"{GITLAB}/git", "gitlab.example.org/git/acme/core//a.yml@x", f"{GITLAB}/git"),
        (f"{GITLAB}:8443", "gitlab.example.org:8443/acme/core//a.yml@x", f"{GITLAB}:8443"),
    ],
)
def test_where_gitlab_is(issuer: str, configuration: str | None, server: str) -> None:
    facts = facts_of(issuer, {**GITLAB_CLAIMS, "ci_config_ref_uri": configuration})
    assert facts.source_repository == f"{server}/acme/core"


def test_a_gitlab_whose_issuer_is_elsewhere() -> None:
    facts = facts_of("https://keys.example.org/gitlab", GITLAB_CLAIMS)
    assert (facts.source_repository, facts.pipeline_url) == ("acme/core", None)
    assert facts.pipeline_id == "7"


@pytest.mark.parametrize(
    ("issuer", "server"),
    [
        (GITHUB, "https://github.com"),
        (f"{GITHUB}/acme", "https://github.com"),
        ("https://git.example.org/_services/token", "https://git.example.org"),
    ],
)
def test_github(issuer: str, server: str) -> None:
    assert facts_of(issuer, GITHUB_CLAIMS) == BuildFacts(
        pipeline_id="7",
        pipeline_url=f"{server}/acme/core/actions/runs/7",
        job_id="11",
        ref="feature/x",
        sha=SHA,
        started_by="ada",
        source_repository=f"{server}/acme/core",
    )


@pytest.mark.parametrize(
    "issuer",
    ["https://forge.example.org/api/actions", f"{GITHUB}.example.org", "https://github.com"],
)
def test_another_that_speaks_like_github(issuer: str) -> None:
    facts = facts_of(issuer, GITHUB_CLAIMS)
    assert (facts.source_repository, facts.pipeline_url) == ("acme/core", None)


def test_another() -> None:
    claims = {
        "build_number": 7,
        "job_id": "11",
        "build_branch": "main",
        "build_commit": SHA.upper(),
        "repository": "acme/core",
    }
    assert facts_of("https://agent.example.org", claims) == BuildFacts(
        pipeline_id="7", job_id="11", ref="main", sha=SHA, source_repository="acme/core"
    )


def test_nothing_is_known() -> None:
    assert facts_of("https://agent.example.org", {}) == BuildFacts()


@pytest.mark.parametrize("ref", ["refs/heads/", "", "x" * 256, "a\nb", True, None, ["main"], 1.5])
def test_what_is_no_ref(ref: object) -> None:
    assert facts_of(GITLAB, {**GITLAB_CLAIMS, "ref": ref}).ref is None


@pytest.mark.parametrize("path", ["a b/c", "a?b#c", "ü/x", "..", "a\\b"])
def test_paths_are_quoted_in_addresses(path: str) -> None:
    facts = facts_of(GITLAB, {**GITLAB_CLAIMS, "project_path": path})
    assert facts.pipeline_url is not None
    assert facts.pipeline_url.startswith(f"{GITLAB}/")
    assert facts.pipeline_url.isascii()
    assert not set(facts.pipeline_url) & set(" ?#\\")


@pytest.mark.parametrize(
    "repository", ["core", "https://user:secret@git.example/x", "a b", "x" * 256]
)
def test_what_is_no_repository(repository: str) -> None:
    assert facts_of("https://x.example", {"repository": repository}).source_repository is None


def test_an_address_that_is_too_long() -> None:
    facts = facts_of(GITLAB + "/x" * 1020, {**GITLAB_CLAIMS, "ci_config_ref_uri": None})
    assert (facts.source_repository, facts.pipeline_url) == ("acme/core", None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
NAMES = sorted({*GITLAB_CLAIMS, *GITHUB_CLAIMS, "build_number", "build_commit"})


@given(
    st.sampled_from([GITLAB, GITHUB, "https://git.example.org/_services/token"]),
    st.dictionaries(st.sampled_from(NAMES), JSON | st.just(SHA) | st.just("acme/core")),
)
def test_every_build_can_be_recorded(issuer: str, claims: dict[str, Any]) -> None:
    """Publishing does not depend on what a claim happens to hold."""
    check_facts(facts_of(issuer, claims))


def test_what_is_kept() -> None:
    of_the_token = dict.fromkeys(["iss", "aud", "exp", "nbf", "iat", "jti"], "x")
    of_a_person = dict.fromkeys(
        ["user_email", "user_identities", "groups_direct", "user_access_level"], "x"
    )
    assert kept_claims({**GITLAB_CLAIMS, **of_the_token, **of_a_person}) == GITLAB_CLAIMS


@pytest.mark.parametrize(
    ("issuer", "expected"),
    [
        ("https://token.actions.githubusercontent.com", True),
        ("https://token.actions.githubusercontent.com/acme", True),
        ("https://github.example.org/_services/token", True),
        ("https://token.actions.githubusercontent.com.evil.example", False),
        ("https://gitlab.example.org", False),
    ],
)
def test_which_issuers_sign_for_jobs_of_github(issuer: str, expected: bool) -> None:
    assert is_github(issuer) is expected
