"""Recording a build, from what was said of it or from verified claims."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from pyregistry.builds.addresses import is_repository, is_web_address
from pyregistry.builds.models import Build
from pyregistry.errors import Invalid

_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_ADDRESSES = frozenset({"pipeline_url", "source_repository"})
_MAXIMUM_TEXT = 255
_MAXIMUM_ADDRESS = 2048


@dataclass(frozen=True, slots=True)
class BuildFacts:
    """How a job describes its build. Every fact may be missing."""

    pipeline_id: str | None = None
    pipeline_url: str | None = None
    job_id: str | None = None
    ref: str | None = None
    sha: str | None = None
    started_by: str | None = None
    source_repository: str | None = None

    def known(self) -> dict[str, str]:
        """Those that are not missing, by name."""
        return {name: value for name, value in asdict(self).items() if value is not None}


PARAMETERS: dict[str, str] = {"started_by": "user"}
"""The facts that the API calls otherwise."""


def record_build(
    session: Session,
    project_id: int,
    facts: BuildFacts,
    *,
    issuer: str | None = None,
    claims: Mapping[str, Any] | None = None,
    now: datetime,
) -> Build:
    """Add the row of a build, which is verified where `issuer` and `claims` are given.

    A commit is kept in lower case. Raises `Invalid` as `check_facts` does.
    """
    if facts.sha is not None:
        facts = replace(facts, sha=facts.sha.lower())
    check_facts(facts)
    build = Build(
        project_id=project_id,
        issuer=issuer,
        claims=dict(claims) if claims is not None else None,
        created_at=now,
        **asdict(facts),
    )
    session.add(build)
    session.flush()
    return build


def check_facts(facts: BuildFacts) -> None:
    """Raise `Invalid`, naming the parameter that creates job tokens, for a fact that is none.

    That is a text that is empty, over 255 characters (2048 of an address), or holds
    characters that cannot be printed; a pipeline's address that is not on the web; a
    repository that is nowhere, or names a password; and a commit that is none.
    """
    for name, value in facts.known().items():
        _check_text(name, value)
    if facts.pipeline_url is not None and not is_web_address(facts.pipeline_url):
        raise Invalid(
            "The parameter pipeline_url must be an address that begins with http:// or "
            "https://, in ASCII and without a user name."
        )
    if facts.source_repository is not None and not is_repository(facts.source_repository):
        raise Invalid(
            "The parameter source_repository must be an http(s) or ssh address without a "
            "password, or a path such as acme/core."
        )
    if facts.sha is not None and not _SHA.fullmatch(facts.sha):
        raise Invalid("The parameter sha must be a commit of 40 or 64 hexadecimal digits.")


def _check_text(name: str, value: str) -> None:
    longest = _MAXIMUM_ADDRESS if name in _ADDRESSES else _MAXIMUM_TEXT
    # What is not printable includes the marks that turn the direction of text around.
    if not value or len(value) > longest or not value.isprintable():
        raise Invalid(
            f"The parameter {PARAMETERS.get(name, name)} must have 1 to {longest} characters, "
            "none of them a control character."
        )
