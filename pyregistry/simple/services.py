"""Rendering index pages from the database, or finding them rendered already."""

import hashlib
from dataclasses import dataclass

from sqlalchemy.orm import Session

from pyregistry.http.conditional import strong_etag
from pyregistry.packaging.models import PackageStatus
from pyregistry.packaging.services.lookup import IndexedPackage, IndexedProjects
from pyregistry.packaging.services.queries import IndexedFile, indexed_files, indexed_names
from pyregistry.simple.cache import PageCache, RenderedPage, make_rendered_page
from pyregistry.simple.negotiation import MediaType
from pyregistry.simple.pages import API_VERSION, FileLink, IndexPage, PackagePage
from pyregistry.simple.rendering import render_index, render_package

_FORMAT = f"{API_VERSION}-1"
"""Part of every entity-tag: to be raised when the same data is rendered to other bytes."""

_FEW = 4


@dataclass(frozen=True, slots=True)
class PageIdentity:
    """What decides a page's bytes, known before it is rendered.

    `key` says which page it is and of what it is made, so that callers who may read
    different projects have a page each; `validator` says at which state, `serial` is
    the last change that it shows.
    """

    key: tuple[str | tuple[int | str, ...], ...]
    validator: tuple[int | str, ...]
    serial: int
    media_type: MediaType

    @property
    def etag(self) -> str:
        """The entity-tag of the page's plain bytes."""
        source = repr((_FORMAT, self.key, self.validator))
        return strong_etag(hashlib.sha256(source.encode()).hexdigest()[:32])


def package_identity(
    name: str, packages: tuple[IndexedPackage, ...], media_type: MediaType
) -> PageIdentity:
    """The identity of a package page made of these packages, all of that name.

    The page is the same wherever it is mounted: links are relative, and what the
    caller may not read is not among the packages.
    """
    ids, serials = zip(*((package.id, package.serial) for package in packages), strict=True)
    key = ("package", name, str(media_type), _of_any_number(ids))
    return PageIdentity(key, _of_any_number(serials), max(serials), media_type)


def index_identity(scope: str, projects: IndexedProjects, media_type: MediaType) -> PageIdentity:
    """The identity of the list of names of these projects.

    It holds a digest of which projects these are: with thousands of ids in its key every
    page that is kept would take as much memory more.
    """
    key = ("index", scope, str(media_type), _digest(projects.ids))
    return PageIdentity(key, (_digest(projects.serials),), projects.last_serial, media_type)


def package_page(
    session: Session,
    cache: PageCache,
    identity: PageIdentity,
    name: str,
    packages: tuple[IndexedPackage, ...],
) -> RenderedPage:
    """The page of one package name, rendered at most once for each state."""

    def render() -> RenderedPage:
        # What a project has quarantined is offered nowhere, not by its group's index either.
        offered = [p.id for p in packages if p.status.offers_files]
        files = indexed_files(session, offered)
        status, reason = _common_status(packages)
        document = PackagePage(
            name=name,
            files=[_link(file) for file in files],
            versions=list(dict.fromkeys(file.version for file in files)),
            serial=identity.serial,
            status=status,
            status_reason=reason,
        )
        body = render_package(document, identity.media_type)
        return make_rendered_page(body, identity.etag, identity.media_type.content_type)

    return cache.page(identity.key, identity.validator, render)


def index_page(
    session: Session,
    cache: PageCache,
    identity: PageIdentity,
    projects: IndexedProjects,
) -> RenderedPage:
    """The list of every package name in the projects, rendered at most once for each state."""

    def render() -> RenderedPage:
        names = indexed_names(session, projects.project_ids())
        document = IndexPage(projects=names, serial=identity.serial)
        body = render_index(document, identity.media_type)
        return make_rendered_page(body, identity.etag, identity.media_type.content_type)

    return cache.page(identity.key, identity.validator, render)


def _of_any_number(numbers: tuple[int, ...]) -> tuple[int | str, ...]:
    """The numbers, or a digest of many: it stands in memory with each page, and each answer."""
    return numbers if len(numbers) <= _FEW else (_digest(repr(numbers)),)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _common_status(packages: tuple[IndexedPackage, ...]) -> tuple[PackageStatus, str | None]:
    """The status that all packages share; `active` where they differ.

    A group may hold several packages of one name; a status that only one project has
    given says nothing about the files of the others.
    """
    statuses = {(package.status, package.status_reason) for package in packages}
    if len({status for status, _ in statuses}) > 1:
        return PackageStatus.ACTIVE, None
    status, reason = sorted(statuses, key=lambda pair: pair[1] or "")[-1]
    return status, reason


def _link(file: IndexedFile) -> FileLink:
    return FileLink(
        filename=file.filename,
        sha256=file.sha256,
        size=file.size,
        uploaded_at=file.uploaded_at,
        requires_python=file.requires_python,
        metadata_sha256=file.metadata_sha256,
        yanked=file.yanked,
        yanked_reason=file.yanked_reason,
    )
