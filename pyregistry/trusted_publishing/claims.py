"""Claims: which ones a trusted publisher may demand, and whether an ID token has them."""

import re
from collections.abc import Mapping
from typing import Any, Final

from pyregistry.errors import Invalid
from pyregistry.sentences import shown

MAXIMUM_CLAIMS: Final = 20
MAXIMUM_VALUES: Final = 20
_NAME: Final = re.compile(r"[A-Za-z0-9_.:/@-]{1,128}")
_LONGEST_VALUE: Final = 1024
_LARGEST_NUMBER: Final = 2**53

_OF_THE_TOKEN: Final = frozenset(
    {"iss", "aud", "exp", "nbf", "iat", "jti", "azp", "nonce", "auth_time", "at_hash", "c_hash"}
)
"""Claims that are about the ID token and not about the job: they are verified for everybody."""

_CIRCUMSTANCES: Final = frozenset(
    {
        # Of a job, in GitLab's words and in GitHub's: anybody's job may have the same.
        *("ref", "ref_type", "ref_path", "ref_protected", "head_ref", "base_ref", "sha"),
        *("environment", "environment_protected", "environment_action", "environment_node_id"),
        *("deployment_tier", "deployment_action", "event_name", "pipeline_source", "job_source"),
        *("pipeline_id", "job_id", "run_id", "run_number", "run_attempt", "check_run_id"),
        *("runner_id", "runner_environment", "workflow", "workflow_sha"),
        *("ci_config_sha", "job_config", "project_visibility", "repository_visibility"),
        # In Buildkite's, whose organisations each name their pipelines as they like.
        *("pipeline_slug", "build_number", "build_id", "build_branch", "build_tag"),
        *("build_commit", "build_source", "step_key", "agent_id"),
        # Who started it may be made to start a job of somebody else's project.
        *("actor", "actor_id", "user_id", "user_login", "user_email", "user_access_level"),
        *("user_identities", "groups_direct"),
        # Of what the job calls: others may call it, too.
        *("job_workflow_ref", "job_workflow_sha", "ci_config_ref_uri"),
    }
)
"""Claims that do not tell whose job it is."""

_WORKFLOW: Final = "workflow_ref"
"""GitHub's claim for the file that started the job, with the branch, tag or commit it was read at:
`acme/core/.github/workflows/release.yml@refs/heads/main`."""
_READ_AT: Final = ("ref", "sha")

Scalar = str | int | bool


def check_claims(claims: object) -> dict[str, Any]:
    """The claims that a trusted publisher shall demand, checked.

    Raises `Invalid` for what is no object of names and values (texts, whole numbers, truth
    values, or a list of these: any of them will do), and for claims that let the jobs of
    everybody in who uses the same issuer.
    """
    if not isinstance(claims, dict) or not 0 < len(claims) <= MAXIMUM_CLAIMS:
        raise Invalid(
            f"The parameter claims must be a JSON object of 1 to {MAXIMUM_CLAIMS} claims, such as"
            ' {"project_path": "acme/core"}.',
            about="claims",
        )
    for name, value in claims.items():
        _check_claim(name, value)
    if claims.keys() <= _CIRCUMSTANCES:
        raise Invalid(
            "These claims let in the jobs of everybody who uses the issuer: demand one that tells"
            " whose job it is, such as project_id, project_path, repository_id, repository or sub.",
            about="claims",
        )
    return claims


def _check_claim(name: str, value: object) -> None:
    if not _NAME.fullmatch(name):
        raise Invalid(
            f"{shown(name)} is not the name of a claim that can be demanded.", about="claims"
        )
    if name in _OF_THE_TOKEN:
        raise Invalid(f"The claim {name} is always verified: leave it out.", about="claims")
    values = value if isinstance(value, list) else [value]
    if not 0 < len(values) <= MAXIMUM_VALUES or not all(map(_is_scalar, values)):
        raise Invalid(
            f"The claim {name} must be a text of 1 to {_LONGEST_VALUE} printable characters, a"
            f" whole number, true or false, or a list of up to {MAXIMUM_VALUES} of these.",
            about="claims",
        )


def _is_scalar(value: object) -> bool:
    if isinstance(value, str):
        return 0 < len(value) <= _LONGEST_VALUE and value.isprintable()
    return isinstance(value, int) and abs(value) <= _LARGEST_NUMBER


def hold(demanded: Mapping[str, Any], claims: Mapping[str, Any]) -> bool:
    """Whether an ID token has every claim that is demanded.

    A value is the same only if its type is: the text `1`, the number 1 and true are three. A
    `workflow_ref` that is demanded without its `@…` is that file at the `ref` or `sha` of the job.
    """
    return all(
        name in claims and _matches(_accepted(name, value, claims), claims[name])
        for name, value in demanded.items()
    )


def _accepted(name: str, demanded: Any, claims: Mapping[str, Any]) -> list[Any]:
    """The values of which a claim must have one."""
    accepted = demanded if isinstance(demanded, list) else [demanded]
    if name != _WORKFLOW:
        return accepted
    files = [each for each in accepted if isinstance(each, str) and "@" not in each]
    places = [claims[each] for each in _READ_AT if claims.get(each)]
    return [*accepted, *(f"{file}@{place}" for file in files for place in places)]


def _matches(accepted: list[Any], value: Any) -> bool:
    return any(type(each) is type(value) and each == value for each in accepted)
