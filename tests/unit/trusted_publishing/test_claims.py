"""Which claims a trusted publisher may demand, and when an ID token has them."""

from typing import Any

import pytest

from pyregistry.errors import Invalid
from pyregistry.trusted_publishing.claims import check_claims, hold

FILE = "acme/core/.github/workflows/release.yml"
MAIN, TAG, SHA = "refs/heads/main", "refs/tags/v1.0", "c0ffee" + "0" * 34


class TestDemanded:
    @pytest.mark.parametrize(
        "claims",
        [
            None,
            {},
            [],
            "project_path",
            {"project_path": None},
            {"project_path": ""},
            {"project_path": []},
            {"project_path": [[]]},
            {"project_path": [None]},
            {"project_path": {"a": "b"}},
            {"project_path": 1.5},
            {"project_path": 2**60},
            {"project_path": "a\x00"},
            {"project_path": "a\nb"},
            {"project_path": "\ud800"},
            {"project_path": "x" * 1025},
            {"project_path": ["x"] * 21},
            {"": "a"},
            {"a b": "a"},
            {"a\x00": "a"},
            {"a\n": "a"},
            {"x" * 129: "a"},
            {f"claim{number}": "a" for number in range(21)},
        ],
    )
    def test_what_are_none(self, claims: object) -> None:
        with pytest.raises(Invalid):
            check_claims(claims)

    @pytest.mark.parametrize(
        "claim", ["iss", "aud", "exp", "nbf", "iat", "jti", "azp", "nonce", "auth_time"]
    )
    def test_those_of_every_token(self, claim: str) -> None:
        with pytest.raises(Invalid, match=f"{claim} is always verified"):
            check_claims({"project_path": "acme/core", claim: "x"})

    @pytest.mark.parametrize(
        "claims",
        [
            {"ref": "main"},
            {"ref_protected": "true", "environment": "release"},
            {"actor": "ada"},
            {"user_login": "ada", "pipeline_source": "push"},
            {"job_workflow_ref": "acme/core/.github/workflows/release.yml@refs/heads/main"},
            {"event_name": "push", "workflow": "release", "runner_environment": "github-hosted"},
            {"pipeline_slug": "release", "build_branch": "main", "step_key": "publish"},
        ],
    )
    def test_those_that_let_everybody_in(self, claims: dict[str, Any]) -> None:
        with pytest.raises(Invalid, match=r"everybody .* project_id"):
            check_claims(claims)

    @pytest.mark.parametrize(
        "claim",
        [
            "sub",
            "project_path",
            "project_id",
            "repository",
            "repository_id",
            "repository_owner_id",
            "namespace_path",
            "workflow_ref",
            "organization_slug",
            "oidc.circleci.com/project-id",
            "https://example.org/claims/project",
        ],
    )
    @pytest.mark.parametrize("value", ["x", 1, True, ["x", 1, False], "x" * 1024])
    def test_those_that_tell_whose_job_it_is(self, claim: str, value: object) -> None:
        claims = {claim: value, "ref": "main"}
        assert check_claims(claims) == claims


@pytest.mark.parametrize(
    ("demanded", "claims"),
    [
        ({"a": "1"}, {"a": "1"}),
        ({"a": 1}, {"a": 1}),
        ({"a": True}, {"a": True}),
        ({"a": False, "b": "x"}, {"a": False, "b": "x", "c": "y"}),
        ({"a": ["1", "2"]}, {"a": "2"}),
        ({"a": ["1", 2, True]}, {"a": True}),
        ({"workflow_ref": FILE}, {"workflow_ref": FILE}),
        ({"workflow_ref": FILE}, {"workflow_ref": f"{FILE}@{TAG}", "ref": TAG}),
        ({"workflow_ref": FILE}, {"workflow_ref": f"{FILE}@{SHA}", "ref": "", "sha": SHA}),
        ({"workflow_ref": ["x", FILE]}, {"workflow_ref": f"{FILE}@{TAG}", "ref": TAG, "sha": SHA}),
        ({"workflow_ref": f"{FILE}@{TAG}"}, {"workflow_ref": f"{FILE}@{TAG}", "ref": MAIN}),
    ],
)
def test_claims_that_hold(demanded: dict[str, Any], claims: dict[str, Any]) -> None:
    assert hold(demanded, claims)


@pytest.mark.parametrize(
    ("demanded", "claims"),
    [
        ({"a": "1"}, {}),
        ({"a": "1"}, {"a": "2"}),
        ({"a": "1"}, {"a": 1}),
        ({"a": 1}, {"a": "1"}),
        ({"a": 1}, {"a": True}),
        ({"a": True}, {"a": 1}),
        ({"a": 1}, {"a": 1.0}),
        ({"a": True}, {"a": "true"}),
        ({"a": "true"}, {"a": True}),
        ({"a": False}, {}),
        ({"a": False}, {"a": 0}),
        ({"a": False}, {"a": None}),
        ({"a": "1"}, {"a": ["1"]}),
        ({"a": ["1", "2"]}, {"a": ["1", "2"]}),
        ({"a": ["1", "2"]}, {"a": 1}),
        ({"a": "1"}, {"a": {"a": "1"}}),
        ({"a": "x"}, {"a": "X"}),
        ({"a": "x"}, {"a": "x "}),
        ({"a": "é"}, {"a": "e\u0301"}),
        ({"a": "acme/*"}, {"a": "acme/core"}),
        ({"a": "1", "b": "2"}, {"a": "1"}),
        ({"workflow_ref": FILE}, {"ref": TAG}),
        ({"workflow_ref": FILE}, {"workflow_ref": f"{FILE}@{TAG}"}),
        ({"workflow_ref": FILE}, {"workflow_ref": f"{FILE}@{TAG}", "ref": MAIN, "sha": SHA}),
        ({"workflow_ref": FILE}, {"workflow_ref": f"{FILE}@x.yml@{TAG}", "ref": TAG}),
        ({"workflow_ref": FILE}, {"workflow_ref": f"{FILE}@", "ref": "", "sha": None}),
        ({"workflow_ref": FILE}, {"workflow_ref": f"mallory/{FILE}@{TAG}", "ref": TAG}),
        ({"workflow_ref": FILE}, {"workflow_ref": f"{FILE}@1", "ref": 2}),
        ({"workflow_ref": FILE}, {"workflow_ref": [f"{FILE}@{TAG}"], "ref": TAG}),
        ({"workflow_ref": f"{FILE}@{TAG}"}, {"workflow_ref": f"{FILE}@{MAIN}", "ref": MAIN}),
        ({"workflow_ref": f"{FILE}@x"}, {"workflow_ref": f"{FILE}@x@{TAG}", "ref": TAG}),
        ({"workflow_ref": 1}, {"workflow_ref": f"1@{TAG}", "ref": TAG}),
        ({"job_workflow_ref": FILE}, {"job_workflow_ref": f"{FILE}@{TAG}", "ref": TAG}),
        ({"a": FILE}, {"a": f"{FILE}@{TAG}", "ref": TAG}),
    ],
)
def test_claims_that_do_not_hold(demanded: dict[str, Any], claims: dict[str, Any]) -> None:
    assert not hold(demanded, claims)
