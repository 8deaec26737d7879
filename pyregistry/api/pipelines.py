"""Builds in GitLab's words: what it calls a pipeline."""

import re
from collections.abc import Sequence
from typing import Any, Final

from pyregistry.api.presenters import present_file, present_release, present_time
from pyregistry.builds.models import Build
from pyregistry.packaging.models import File, Release

_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)
STATUS: Final = "success"
"""The status of every pipeline. How one ends the registry is not told; it came as far as to
publish, and clients pass over what has failed."""
_SOURCES = ("pipeline_source", "event_name")
"""What started the pipeline, as the ID tokens of GitLab and of GitHub call it."""


def present_built_release(release: Release, builds: Sequence[Build]) -> dict[str, Any]:
    """A release with its builds, newest first: the last of them alone, and all."""
    pipelines = [present_pipeline(build) for build in builds]
    return {
        **present_release(release),
        "pipeline": pipelines[0] if pipelines else None,
        "pipelines": pipelines,
    }


def present_built_file(file: File, build: Build | None) -> dict[str, Any]:
    """A file with the build that published it, in a list as GitLab has it."""
    pipelines = [present_pipeline(build)] if build is not None else []
    return {**present_file(file), "pipelines": pipelines}


def present_pipeline(build: Build) -> dict[str, Any]:
    """A build as GitLab's `pipeline` object, with what it has not: job, repository, proof."""
    moment = present_time(build.created_at)
    return {
        "id": _number_or_text(build.pipeline_id),
        "iid": None,
        "project_id": build.project_id,
        "sha": build.sha,
        "ref": build.ref,
        "status": STATUS,
        "source": _source(build),
        "created_at": moment,
        "updated_at": moment,
        "web_url": build.pipeline_url,
        "user": _user(build),
        "job_id": _number_or_text(build.job_id),
        "source_repository": build.source_repository,
        "verified": build.issuer is not None,
        "issuer": build.issuer,
    }


def _number_or_text(label: str | None) -> int | str | None:
    """GitLab numbers pipelines and jobs; others name them."""
    return int(label) if label is not None and _NUMBER.fullmatch(label) else label


def _user(build: Build) -> dict[str, Any] | None:
    if build.started_by is None:
        return None
    return {"username": build.started_by, "name": build.started_by}


def _source(build: Build) -> str | None:
    claims = build.claims or {}
    return next((claims[name] for name in _SOURCES if isinstance(claims.get(name), str)), None)
