"""Documents of PyPI's JSON API from the database, or found rendered already."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from packaging.version import Version
from sqlalchemy.orm import Session

from pyregistry.errors import Invalid
from pyregistry.http.conditional import strong_etag
from pyregistry.packaging.errors import PackageNotFound
from pyregistry.packaging.names import canonical_version
from pyregistry.packaging.services.latest import precedence
from pyregistry.packaging.services.lookup import IndexedPackage
from pyregistry.packaging.services.published import (
    PublishedFile,
    has_file,
    published_files,
    release_metadata,
)
from pyregistry.pypi.documents import Links, Shown, render_document
from pyregistry.simple.cache import PageCache, RenderedPage, make_rendered_page

_FORMAT = "pypi-1"
"""Part of every entity-tag: to be raised when the same data is rendered to other bytes."""

_CONTENT_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """Which document: of the packages, all of one normalised name, or of one version of them.

    `version` is canonical; None for the whole package. `packages` are those that the
    caller may pull, and decide the document with the addresses in `links`.
    """

    name: str
    version: str | None
    packages: tuple[IndexedPackage, ...]
    links: Links

    @property
    def key(self) -> tuple[object, ...]:
        """What tells the document from all others."""
        ids = tuple(package.id for package in self.packages)
        links = self.links
        return (_FORMAT, self.name, self.version, links.package, links.files, ids)

    @property
    def validator(self) -> tuple[int, ...]:
        """The state at which the document is right."""
        return tuple(package.serial for package in self.packages)

    @property
    def serial(self) -> int:
        """The number of the last change that the document shows."""
        return max(self.validator)

    @property
    def etag(self) -> str:
        """The entity-tag of the document's plain bytes."""
        source = repr((self.key, self.validator))
        return strong_etag(hashlib.sha256(source.encode()).hexdigest()[:32])


def document_page(session: Session, cache: PageCache, asked: DocumentRequest) -> RenderedPage:
    """The document, rendered at most once for each state.

    Raises `PackageNotFound` where the packages have no release, or none of that version.
    """
    page = cache.get(asked.key, asked.validator)
    if page is None:
        body = render_document(_shown(session, asked), with_releases=asked.version is None)
        page = make_rendered_page(body, asked.etag, _CONTENT_TYPE)
        cache.put(asked.key, asked.validator, page)
    return page


def offers_file(
    session: Session, packages: Iterable[IndexedPackage], version: str, filename: str
) -> bool:
    """Whether the packages offer a file of that name at that version, in any spelling."""
    try:
        canonical = canonical_version(version)
    except Invalid:
        return False
    return has_file(session, _offering(packages), canonical, filename)


def _shown(session: Session, asked: DocumentRequest) -> Shown:
    offering = _offering(asked.packages)
    # Of a package that is quarantined everywhere its description is left, and no file.
    package_ids = offering or {package.id for package in asked.packages}
    files = published_files(session, package_ids, asked.version)
    if not files:
        raise PackageNotFound(
            "This package has no release."
            if asked.version is None
            else "There is no such release of this package in this index."
        )
    latest = max(files, key=lambda file: precedence(file.version, yanked=file.yanked))
    releases = _releases(files)
    return Shown(
        name=asked.name,
        # The one spelling of this version under which its files are listed.
        version=next(file.version for file in files if _same_release(file, latest)),
        yanked=latest.yanked,
        yanked_reason=latest.yanked_reason if latest.yanked else None,
        metadata=release_metadata(session, latest.release_id),
        releases=releases if offering else {version: [] for version in releases},
        serial=asked.serial,
        links=asked.links,
    )


def _releases(files: list[PublishedFile]) -> Mapping[str, list[PublishedFile]]:
    """The files by version, as its oldest file spells it; of each filename the oldest upload."""
    spellings: dict[str, str] = {}
    oldest: dict[str, PublishedFile] = {}
    for file in files:
        spellings.setdefault(file.canonical_version, file.version)
        oldest.setdefault(file.filename, file)
    releases: dict[str, list[PublishedFile]] = defaultdict(list)
    for file in sorted(
        oldest.values(), key=lambda file: (Version(file.canonical_version), file.filename)
    ):
        releases[spellings[file.canonical_version]].append(file)
    return releases


def _same_release(one: PublishedFile, other: PublishedFile) -> bool:
    return one.canonical_version == other.canonical_version


def _offering(packages: Iterable[IndexedPackage]) -> set[int]:
    return {package.id for package in packages if package.status.offers_files}
