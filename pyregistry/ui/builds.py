"""How a release was built, as a page shows it.

All of it was said by whoever let the job in, and is shown as text. Only addresses on the
web are links.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pyregistry.builds.addresses import is_web_address
from pyregistry.builds.models import Build
from pyregistry.packaging.models import File

_SHORT_COMMIT = 8
"""Digits, as GitLab shows a commit."""


@dataclass(frozen=True, slots=True)
class ShownBuild:
    """The jobs of one pipeline that published files of a release; all that is said of them."""

    pipeline: str | None
    pipeline_href: str | None
    ref: str | None
    commit: str | None
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
            started_by=build.started_by,
            repository=repository,
            repository_href=_href(repository),
            issuer=build.issuer,
            begun_at=build.created_at,
        )


def shown_builds(files: Sequence[File]) -> list[ShownBuild]:
    """How the files were built, the newest pipeline first; of each, its jobs in their order."""
    found: dict[tuple[str | None, ...], ShownBuild] = {}
    built = [(file.build, file) for file in files if file.build is not None]
    for build, file in sorted(built, key=lambda entry: entry[0].id):
        said = _said_of_pipeline(build)
        # The pipeline of the newest job comes last, and is turned to the front below.
        shown = found[said] = found.pop(said) if said in found else ShownBuild.of(build)
        shown.filenames.append(file.filename)
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
