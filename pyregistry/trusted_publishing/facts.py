"""From the verified claims of an ID token to the facts of a build.

A claim that is missing, or that no build can have, leaves its fact out: publishing does
not depend on it. An address is only given where the claims prove it.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

from pyregistry.builds.addresses import is_repository, is_web_address
from pyregistry.builds.services.record import BuildFacts

Claims = Mapping[str, Any]

_SHA: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_LONGEST_TEXT: Final = 255
_LONGEST_ADDRESS: Final = 2048
_REF_PREFIXES: Final = ("refs/heads/", "refs/tags/")

_GITHUB_ISSUER: Final = "https://token.actions.githubusercontent.com"
_GITHUB_SERVER: Final = "https://github.com"
_ENTERPRISE_ISSUER: Final = "/_services/token"
"""How the issuer of a GitHub Enterprise Server ends; the server's address is before it."""

_NOT_KEPT: Final = frozenset(
    {
        # They identify the ID token.
        *("iss", "aud", "exp", "nbf", "iat", "jti"),
        # They are about a person and not about the build.
        *("user_email", "user_identities", "groups_direct", "user_access_level"),
    }
)


def is_github(issuer: str) -> bool:
    """Whether an issuer signs for the jobs of GitHub, or of a GitHub Enterprise Server."""
    return _github_server(issuer) is not None


def kept_claims(claims: Claims) -> dict[str, Any]:
    """The claims that are kept with a build."""
    return {name: value for name, value in claims.items() if name not in _NOT_KEPT}


def facts_of(issuer: str, claims: Claims) -> BuildFacts:
    """The facts of the build that the job of an ID token is."""
    facts = _said(issuer, claims)
    pipeline, repository = facts.pipeline_url, facts.source_repository
    return replace(
        facts,
        pipeline_url=pipeline if pipeline and is_web_address(pipeline) else None,
        source_repository=repository if repository and is_repository(repository) else None,
    )


def _said(issuer: str, claims: Claims) -> BuildFacts:
    if {"project_path", "pipeline_id"} <= claims.keys():
        return _facts_of_gitlab(issuer, claims)
    if {"repository", "run_id"} <= claims.keys():
        return _facts_of_github(issuer, claims)
    return _facts_of_another(claims)


def _facts_of_gitlab(issuer: str, claims: Claims) -> BuildFacts:
    project, pipeline = _text(claims, "project_path"), _text(claims, "pipeline_id")
    repository = _address(_gitlab_server(issuer, claims), project)
    return BuildFacts(
        pipeline_id=pipeline,
        pipeline_url=_address(repository, "-/pipelines", pipeline),
        job_id=_text(claims, "job_id"),
        ref=_ref(claims, "ref"),
        sha=_sha(claims, "sha"),
        started_by=_text(claims, "user_login"),
        source_repository=repository or project,
    )


def _gitlab_server(issuer: str, claims: Claims) -> str | None:
    """GitLab's address. It is its own issuer, unless it is told to name another one.

    Where the configuration of the pipeline has an address, it is at the same server.
    """
    configuration = claims.get("ci_config_ref_uri")
    server = issuer.rstrip("/")
    at_server = f"{server.removeprefix('https://')}/"
    if isinstance(configuration, str) and not configuration.startswith(at_server):
        return None
    return server


def _facts_of_github(issuer: str, claims: Claims) -> BuildFacts:
    name, run = _text(claims, "repository"), _text(claims, "run_id")
    repository = _address(_github_server(issuer), name)
    return BuildFacts(
        pipeline_id=run,
        pipeline_url=_address(repository, "actions/runs", run),
        job_id=_text(claims, "check_run_id"),
        ref=_ref(claims, "ref"),
        sha=_sha(claims, "sha"),
        started_by=_text(claims, "actor"),
        source_repository=repository or name,
    )


def _github_server(issuer: str) -> str | None:
    if issuer == _GITHUB_ISSUER or issuer.startswith(f"{_GITHUB_ISSUER}/"):
        return _GITHUB_SERVER
    if issuer.endswith(_ENTERPRISE_ISSUER):
        return issuer.removesuffix(_ENTERPRISE_ISSUER)
    return None


def _facts_of_another(claims: Claims) -> BuildFacts:
    return BuildFacts(
        pipeline_id=_text(claims, "pipeline_id", "run_id", "build_number", "build_id"),
        job_id=_text(claims, "job_id"),
        ref=_ref(claims, "ref", "build_tag", "build_branch", "branch"),
        sha=_sha(claims, "sha", "build_commit", "commit"),
        started_by=_text(claims, "user_login", "actor"),
        source_repository=_text(claims, "repository", "project_path"),
    )


def _text(claims: Claims, *names: str) -> str | None:
    """The first of the claims that is a text or number which a build can have."""
    for name in names:
        value = claims.get(name)
        text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
        if 0 < len(text) <= _LONGEST_TEXT and text.isprintable():
            return text
    return None


def _ref(claims: Claims, *names: str) -> str | None:
    """A branch or tag, as people name it."""
    text = _text(claims, *names)
    for prefix in _REF_PREFIXES:
        if text is not None and text.startswith(prefix):
            return text.removeprefix(prefix) or None
    return text


def _sha(claims: Claims, *names: str) -> str | None:
    text = (_text(claims, *names) or "").lower()
    return text if _SHA.fullmatch(text) else None


def _address(*parts: str | None) -> str | None:
    """The parts as one address, the first as it is; None where one of them is missing."""
    known = [part for part in parts if part is not None]
    address = "/".join((*known[:1], *map(quote, known[1:])))
    return address if len(known) == len(parts) and len(address) <= _LONGEST_ADDRESS else None
