"""Releases, which GitLab calls packages, with their files, builds and statuses."""

from enum import StrEnum

from pyregistry.api.openapi.operations import GONE, Operation, Subject, lists, shows
from pyregistry.api.openapi.parameters import PAGES, Parameter, body, header, query
from pyregistry.api.openapi.schemas import (
    COUNT,
    FLAG,
    ID,
    MOMENT,
    TEXT,
    AnySchema,
    array,
    attributes,
    constant,
    digest,
    nullable,
    record,
    words,
)
from pyregistry.api.openapi.sent import SENT_FLAG, SENT_TEXT, sent_word
from pyregistry.api.releases import GroupOrder, ProjectOrder, Status
from pyregistry.api.sorting import Direction
from pyregistry.packaging.models import PackageStatus
from pyregistry.packaging.services.builds import FileOrder
from pyregistry.resources.api_packages import (
    ApiGroupPackages,
    ApiPackages,
    ApiRelease,
    ApiReleaseFile,
    ApiReleaseFiles,
    ApiReleasePipelines,
    ApiStatus,
)

_NONE = {**array(TEXT), "maxItems": 0}
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
_OF_RELEASES: dict[str, AnySchema] = {
    "id": ID,
    "name": TEXT,
    "version": TEXT,
    "package_type": constant("pypi"),
    "status": constant("default"),
    "project_id": ID,
    "created_at": MOMENT,
    "last_downloaded_at": nullable(MOMENT),
    "tags": _NONE,
    "yanked": FLAG,
    "yanked_reason": nullable(TEXT),
    "project_status": STATUS,
    "pipeline": nullable(PIPELINE),
    "pipelines": array(PIPELINE),
    "_links": attributes(("delete_api_path",), web_path=TEXT, delete_api_path=TEXT),
}
_IS = "A release: a package at one version. GitLab calls it a package."
RELEASE = record("Package", _IS, **_OF_RELEASES)
RELEASE_OF_GROUP = record(
    "PackageOfGroup", f"{_IS} With the path of its project.", **_OF_RELEASES, project_path=TEXT
)
_VERSION = attributes(id=ID, version=TEXT, created_at=MOMENT, tags=_NONE, pipelines=array(PIPELINE))
RELEASE_WITH_OTHERS = record(
    "PackageWithVersions",
    f"{_IS} With the other releases of the package.",
    **_OF_RELEASES,
    versions=array(_VERSION),
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
_SORT = query("sort", words(Direction), "Which way.")
_UNLESS_CHANGED = (
    header("If-Unmodified-Since", TEXT, "Do nothing where it was changed since that date."),
)


def _list_of(order: type[StrEnum]) -> tuple[Parameter, ...]:
    """The parameters of a list of releases."""
    return (
        *PAGES,
        query("package_name", TEXT, "Only those of packages with this in their name."),
        query("package_version", TEXT, "Only those with this version."),
        query("package_type", TEXT, "Of another type than `pypi` there are none."),
        query("status", words(Status), "Of another status than `default` there are none."),
        query("order_by", words(order), "By what they are sorted."),
        _SORT,
    )


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
            query=_list_of(ProjectOrder),
            answer=lists(RELEASE, "Releases, oldest first, unless it is asked for otherwise."),
        ),
        Operation(
            "GET",
            "/groups/{id}/packages",
            ApiGroupPackages,
            "List the releases in a group",
            who="anyone, for what they may pull",
            query=(
                *_list_of(GroupOrder),
                query("exclude_subgroups", SENT_FLAG, "Only those directly in the group."),
            ),
            answer=lists(
                RELEASE_OF_GROUP, "Releases, oldest first, unless it is asked for otherwise."
            ),
        ),
        Operation(
            "GET",
            "/projects/{id}/packages/{package_id}",
            ApiRelease,
            "Show a release",
            who=_PULLERS,
            answer=shows(RELEASE_WITH_OTHERS),
        ),
        Operation(
            "PUT",
            "/projects/{id}/packages/{package_id}",
            ApiRelease,
            "Yank a release, or take it back",
            who="Maintainer",
            body=body(("yanked",), yanked=SENT_FLAG, yanked_reason=SENT_TEXT),
            answer=shows(RELEASE_WITH_OTHERS, "The release as it is now."),
        ),
        Operation(
            "DELETE",
            "/projects/{id}/packages/{package_id}",
            ApiRelease,
            "Delete a release with its files",
            who="Maintainer",
            query=_UNLESS_CHANGED,
            answer=GONE,
            also=(412,),
        ),
        Operation(
            "GET",
            "/projects/{id}/packages/{package_id}/package_files",
            ApiReleaseFiles,
            "List the files of a release",
            who=_PULLERS,
            query=(*PAGES, query("order_by", words(FileOrder), "By what they are sorted."), _SORT),
            answer=lists(FILE, "Its files."),
        ),
        Operation(
            "DELETE",
            "/projects/{id}/packages/{package_id}/package_files/{file_id}",
            ApiReleaseFile,
            "Delete a file",
            who="Maintainer",
            description="A release goes with its last file.",
            query=_UNLESS_CHANGED,
            answer=GONE,
            also=(412,),
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
            body=body(("status",), status=sent_word(PackageStatus), reason=SENT_TEXT),
            answer=shows(STATUS, "The status as it is now."),
        ),
    ),
)
