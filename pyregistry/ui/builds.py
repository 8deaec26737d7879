"""How a release was built, as a page shows it.

All of it was said by whoever let the job in, and is shown as text. Only addresses on the
web are links.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from pyregistry.builds.addresses import is_web_address
from pyregistry.builds.models import Build

_SHORT_COMMIT: Final = 8
"""Digits, as GitLab shows a commit."""
_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_COMMIT_PAGES: Final = (("gitlab", "-/commit"), ("github", "commit"))
"""By what a host is called: where below a repository a commit has its page."""
_PIPELINE_PAGES: Final = (("/-/", "-/commit"), ("/actions/", "commit"))
"""The same by the shape of the address of a pipeline, for hosts that are called anything."""
_NAMES_OF_A_REPOSITORY: Final = 2


@dataclass(frozen=True, slots=True)
class ShownBuild:
    """The jobs of one pipeline that published files of a release; all that is said of them."""

    pipeline: str | None
    pipeline_href: str | None
    ref: str | None
    commit: str | None
    commit_href: str | None
    started_by: str | None
    repository: str | None
    repository_href: str | None
    issuer: str | None
    """Whose ID token proves it all; None: nothing does."""
    begun_at: datetime
    """When the first of the jobs was let in."""
    jobs: list[str] = field(default_factory=list)
    filenames: list[str] = field(default_factory=list)

    @property
    def short_commit(self) -> str:
        """The first digits of the commit."""
        return (self.commit or "")[:_SHORT_COMMIT]

    @property
    def is_silent(self) -> bool:
        """Whether nothing is said at all."""
        said = (self.pipeline, self.ref, self.commit, self.started_by, self.repository)
        return not any((*said, self.jobs))

    @classmethod
    def of(cls, build: Build) -> "ShownBuild":
        """What is said of a build, without its job and files."""
        repository = build.source_repository
        return cls(
            pipeline=build.pipeline_id or build.pipeline_url,
            pipeline_href=_href(build.pipeline_url),
            ref=build.ref,
            commit=build.sha,
            commit_href=_commit_href(build),
            started_by=build.started_by,
            repository=repository,
            repository_href=_href(repository),
            issuer=build.issuer,
            begun_at=build.created_at,
        )


def shown_builds(
    builds: Sequence[Build], filenames: Mapping[int, Sequence[str]]
) -> list[ShownBuild]:
    """How files were built, the newest pipeline first; of each, its jobs in their order.

    `filenames` are those that each build published, by its id.
    """
    found: dict[tuple[str | None, ...], ShownBuild] = {}
    for build in sorted(builds, key=lambda each: each.id):
        said = _said_of_pipeline(build)
        # The pipeline of the newest job comes last, and is turned to the front below.
        shown = found[said] = found.pop(said) if said in found else ShownBuild.of(build)
        shown.filenames.extend(filenames.get(build.id, ()))
        if build.job_id is not None and build.job_id not in shown.jobs:
            shown.jobs.append(build.job_id)
    return list(reversed(found.values()))


def _said_of_pipeline(build: Build) -> tuple[str | None, ...]:
    return (
        build.pipeline_id,
        build.pipeline_url,
        build.ref,
        build.sha,
        build.started_by,
        build.source_repository,
        build.issuer,
    )


def _href(address: str | None) -> str | None:
    return address if address is not None and is_web_address(address) else None


def _commit_href(build: Build) -> str | None:
    """The page of the commit, where the repository is on the web and laid out as is known."""
    repository, commit = _href(build.source_repository), build.sha or ""
    if repository is None or not _COMMIT.fullmatch(commit):
        return None
    parts = urlsplit(repository)
    path = parts.path.rstrip("/").removesuffix(".git")
    names = path.split("/")[1:]
    if parts.query or parts.fragment or len(names) < _NAMES_OF_A_REPOSITORY or not all(names):
        return None
    host, pipeline = (parts.hostname or "").lower(), _href(build.pipeline_url) or ""
    for sign, text, page in (
        *((sign, host, page) for sign, page in _COMMIT_PAGES),
        *((sign, pipeline, page) for sign, page in _PIPELINE_PAGES),
    ):
        if sign in text:
            return f"{parts.scheme}://{parts.netloc}{path}/{page}/{commit}"
    return None
