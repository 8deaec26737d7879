"""Releases, which GitLab calls packages, with their files, builds and statuses."""

from pyregistry.api.openapi.operations import GONE, Operation, Subject, lists, shows
from pyregistry.api.openapi.parameters import PAGES, body, query
from pyregistry.api.openapi.schemas import (
    COUNT,
    FLAG,
    ID,
    MOMENT,
    TEXT,
    array,
    attributes,
    constant,
    digest,
    nullable,
    record,
    words,
)
from pyregistry.api.openapi.sent import SENT_FLAG, SENT_TEXT, sent_word
from pyregistry.packaging.models import PackageStatus
from pyregistry.resources.api_packages import (
    ApiPackages,
    ApiRelease,
    ApiReleaseFile,
    ApiReleaseFiles,
    ApiReleasePipelines,
    ApiStatus,
)

_LABEL = nullable({"type": ["integer", "string"]})
STATUS = record(
    "PackageStatus",
    "The status of a package (PEP 792).",
    status=words(PackageStatus),
    reason=nullable(TEXT),
)
PIPELINE = record(
    "Pipeline",
    "A build: which job published a file, and what is known of it.",
    id=_LABEL,
    iid=constant(None),
    project_id=ID,
    sha=nullable(TEXT),
    ref=nullable(TEXT),
    status=constant("success"),
    source=nullable(TEXT),
    created_at=MOMENT,
    updated_at=MOMENT,
    web_url=nullable(TEXT),
    user=nullable(attributes(username=TEXT, name=TEXT)),
    job_id=_LABEL,
    source_repository=nullable(TEXT),
    verified=FLAG,
    issuer=nullable(TEXT),
)
RELEASE = record(
    "Package",
    "A release: a package at one version. GitLab calls it a package.",
    id=ID,
    name=TEXT,
    version=TEXT,
    package_type=constant("pypi"),
    status=constant("default"),
    project_id=ID,
    created_at=MOMENT,
    yanked=FLAG,
    yanked_reason=nullable(TEXT),
    project_status=STATUS,
    pipeline=nullable(PIPELINE),
    pipelines=array(PIPELINE),
)
FILE = record(
    "PackageFile",
    "One file of a release.",
    id=ID,
    package_id=ID,
    created_at=MOMENT,
    file_name=TEXT,
    size=COUNT,
    file_md5=digest(32),
    file_sha1=nullable(digest(40)),
    file_sha256=digest(64),
    pipelines=array(PIPELINE),
)
_PULLERS = "who may pull"

SUBJECT = Subject(
    "Packages",
    "The releases of a project, in GitLab's words its packages.",
    (
        Operation(
            "GET",
            "/projects/{id}/packages",
            ApiPackages,
            "List the releases of a project",
            who=_PULLERS,
            query=(
                *PAGES,
                query("package_name", TEXT, "Only those of the package with this name."),
                query("package_version", TEXT, "Only those with this version."),
                query("package_type", TEXT, "Of another type than `pypi` there are none."),
            ),
            answer=lists(RELEASE, "Releases, oldest first."),
        ),
        Operation(
            "GET",
            "/projects/{id}/packages/{package_id}",
            ApiRelease,
            "Show a release",
            who=_PULLERS,
            answer=shows(RELEASE),
        ),
        Operation(
            "PUT",
            "/projects/{id}/packages/{package_id}",
            ApiRelease,
            "Yank a release, or take it back",
            who="Maintainer",
            body=body("yanked", yanked=SENT_FLAG, yanked_reason=SENT_TEXT),
            answer=shows(RELEASE, "The release as it is now."),
        ),
        Operation(
            "DELETE",
            "/projects/{id}/packages/{package_id}",
            ApiRelease,
            "Delete a release with its files",
            who="Maintainer",
            answer=GONE,
        ),
        Operation(
            "GET",
            "/projects/{id}/packages/{package_id}/package_files",
            ApiReleaseFiles,
            "List the files of a release",
            who=_PULLERS,
            answer=shows(array(FILE), "All of its files."),
        ),
        Operation(
            "DELETE",
            "/projects/{id}/packages/{package_id}/package_files/{file_id}",
            ApiReleaseFile,
            "Delete a file",
            who="Maintainer",
            description="A release goes with its last file.",
            answer=GONE,
        ),
        Operation(
            "GET",
            "/projects/{id}/packages/{package_id}/pipelines",
            ApiReleasePipelines,
            "List the builds of a release",
            who=_PULLERS,
            query=PAGES,
            answer=lists(PIPELINE, "The builds of its files, newest first."),
        ),
        Operation(
            "GET",
            "/projects/{id}/packages/pypi/status/{name}",
            ApiStatus,
            "Show the status of a package",
            who=_PULLERS,
            answer=shows(STATUS),
        ),
        Operation(
            "PUT",
            "/projects/{id}/packages/pypi/status/{name}",
            ApiStatus,
            "Set the status of a package",
            who="Maintainer",
            body=body("status", status=sent_word(PackageStatus), reason=SENT_TEXT),
            answer=shows(STATUS, "The status as it is now."),
        ),
    ),
)
