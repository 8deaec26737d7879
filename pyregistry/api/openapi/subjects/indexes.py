"""Indexes, their files, and where files are published: what pip, uv and twine speak."""

from pyregistry.api.openapi.operations import Answer, Operation, Subject
from pyregistry.api.openapi.parameters import Body, query
from pyregistry.api.openapi.schemas import (
    ANYTHING,
    COUNT,
    TEXT,
    AnySchema,
    array,
    attributes,
    constant,
    described,
    digest,
    nullable,
    record,
    words,
)
from pyregistry.packaging.models import PackageStatus
from pyregistry.resources.api_packages import ApiProjectPyPI
from pyregistry.resources.base import Resource
from pyregistry.resources.indexes import (
    FileDownload,
    ProjectSimpleIndex,
    ProjectSimplePackage,
    SubtreeFileDownload,
    SubtreeSimpleIndex,
    SubtreeSimplePackage,
)
from pyregistry.simple.negotiation import MediaType

_META = attributes(**{"api-version": TEXT, "_last-serial": COUNT})
_METADATA = {"anyOf": [constant(False), attributes(sha256=digest(64))]}
_FILE = attributes(
    ("requires-python",),
    **{
        "filename": TEXT,
        "url": TEXT,
        "hashes": attributes(sha256=digest(64)),
        "size": COUNT,
        "upload-time": TEXT,
        "yanked": {"type": ["boolean", "string"]},
        "core-metadata": _METADATA,
        "provenance": nullable(TEXT),
        "requires-python": TEXT,
    },
)
_INDEX = record(
    "SimpleIndex",
    "The names of the packages of an index (PEP 691).",
    meta=_META,
    projects=array(attributes(**{"name": TEXT, "_last-serial": COUNT})),
)
_PACKAGE = record(
    "SimplePackage",
    "The files of a package in an index (PEP 691, 700, 792).",
    **{
        "meta": _META,
        "name": TEXT,
        "project-status": attributes(("reason",), status=words(PackageStatus), reason=TEXT),
        "versions": array(TEXT),
        "files": array(_FILE),
    },
)
_OF_PAGES = {
    "ETag": described(TEXT, "The entity-tag of the page."),
    "X-PyPI-Last-Serial": described(COUNT, "The number of the last change that it shows."),
}
_OF_FILES = {"ETag": described(TEXT, "The entity-tag of the file.")}
_OCTETS = {"application/octet-stream": ANYTHING}
_RANGE = described(TEXT, "Which bytes these are, and of how many.")
_FORMAT = query("format", TEXT, "The media type of the answer, which overrides `Accept`.")
_ELSEWHERE = Answer(
    301,
    "The page has another address: with a slash at its end, and the name normalised.",
    headers={"Location": described(TEXT, "Where the page is.")},
)
_AT_THE_SERVICE = Answer(
    302,
    "The file is fetched from the service that stores it, at an address that works for a while.",
    headers={"Location": described(TEXT, "Where the file is.")},
)
_UPLOAD = Body(
    {
        ":action": {**TEXT, "example": "file_upload"},
        "name": {**TEXT, "example": "demo-package"},
        "version": {**TEXT, "example": "1.0"},
        "filetype": {**TEXT, "example": "bdist_wheel"},
        "pyversion": {**TEXT, "example": "py3"},
        "content": {"example": "@demo_package-1.0-py3-none-any.whl"},
    },
    (":action",),
    media_types=("multipart/form-data",),
)
_PULLERS = "who may pull"
_ANYONE = "anyone, for what they may pull"


def _page(
    path: str, context: type[Resource], summary: str, who: str, schema: AnySchema
) -> Operation:
    return Operation(
        "GET",
        path,
        context,
        summary,
        who=who,
        query=(_FORMAT,),
        answer=Answer(
            200,
            "The page.",
            {MediaType.JSON: schema, MediaType.HTML: TEXT, MediaType.TEXT_HTML: TEXT},
            _OF_PAGES,
        ),
        further=(_ELSEWHERE, Answer(304, "The client holds this page.", headers=_OF_PAGES)),
        also=(406,),
    )


def _download(path: str, context: type[Resource], who: str) -> Operation:
    return Operation(
        "GET",
        path,
        context,
        "Download a file, or its core metadata",
        who=who,
        answer=Answer(200, "The bytes.", _OCTETS, _OF_FILES),
        further=(
            Answer(206, "Some of the bytes.", _OCTETS, {**_OF_FILES, "Content-Range": _RANGE}),
            _AT_THE_SERVICE,
            Answer(304, "The client holds this file.", headers=_OF_FILES),
        ),
        also=(416,),
    )


SUBJECT = Subject(
    "Indexes, files and uploads",
    "What pip, uv and twine speak. The same is at shorter addresses, too, without `/api/v4`.",
    (
        Operation(
            "POST",
            "/projects/{id}/packages/pypi",
            ApiProjectPyPI,
            "Publish a file",
            who="Developer",
            description="PyPI's legacy upload API, as every client that publishes sends it.",
            body=_UPLOAD,
            answer=Answer(200, "Published.", {"text/plain": TEXT}),
            also=(507,),
        ),
        _page(
            "/projects/{id}/packages/pypi/simple/",
            ProjectSimpleIndex,
            "Show the index of a project",
            _PULLERS,
            _INDEX,
        ),
        _page(
            "/projects/{id}/packages/pypi/simple/{name}/",
            ProjectSimplePackage,
            "Show a package in the index of a project",
            _PULLERS,
            _PACKAGE,
        ),
        _download("/projects/{id}/packages/pypi/files/{sha256}/{filename}", FileDownload, _PULLERS),
        _page(
            "/groups/{id}/-/packages/pypi/simple/",
            SubtreeSimpleIndex,
            "Show the index of a group",
            _ANYONE,
            _INDEX,
        ),
        _page(
            "/groups/{id}/-/packages/pypi/simple/{name}/",
            SubtreeSimplePackage,
            "Show a package in the index of a group",
            _ANYONE,
            _PACKAGE,
        ),
        _download(
            "/groups/{id}/-/packages/pypi/files/{sha256}/{filename}", SubtreeFileDownload, _ANYONE
        ),
    ),
)
