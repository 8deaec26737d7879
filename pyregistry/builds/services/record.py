"""Recording a build, from what was said of it or from verified claims."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from pyregistry.builds.models import Build
from pyregistry.errors import Invalid

_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_ADDRESS = re.compile(r"https?://[^\s/?#@]+(?:[/?#]\S*)?", re.ASCII)
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

    Raises `Invalid`, naming the field, for a text over 255 characters or with characters
    that cannot be printed, an address that is not http(s), and a commit that is none.
    """
    _check(facts)
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


def _check(facts: BuildFacts) -> None:
    for name, value in asdict(facts).items():
        if value is None:
            continue
        longest = (
            _MAXIMUM_ADDRESS if name in ("pipeline_url", "source_repository") else _MAXIMUM_TEXT
        )
        if not value or len(value) > longest or not value.isprintable():
            raise Invalid(f"The fact {name} must have 1 to {longest} printable characters.")
    # Pages link to it: nothing but what a browser follows harmlessly.
    if facts.pipeline_url is not None and not _ADDRESS.fullmatch(facts.pipeline_url):
        raise Invalid("The fact pipeline_url must be an address that begins with http(s)://.")
    if facts.sha is not None and not _SHA.fullmatch(facts.sha):
        raise Invalid("The fact sha must be a commit of 40 or 64 hexadecimal digits.")
