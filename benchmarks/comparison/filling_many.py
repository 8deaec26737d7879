"""Very many packages, projects and files, written straight into the tables."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from benchmarks.contents import tidy
from pyregistry.db import Database
from pyregistry.namespaces.models import (
    Namespace,
    NamespaceAncestor,
    NamespaceKind,
    Visibility,
)
from pyregistry.packaging.models import File, Package, PackageStatus, PackageText, Release
from pyregistry.packaging.services.serials import next_serial
from pyregistry.packaging.version_keys import version_key

_START = datetime(2026, 1, 1, tzinfo=UTC)
_AT_ONCE = 20_000
"""Files written by one transaction."""
_FILES_OF_RELEASE = 5
_PLATFORMS = ("any", "linux_x86_64", "linux_aarch64", "macosx_11_0_arm64", "win_amd64")
_METADATA = {"metadata_version": "2.4", "summary": "A package of the benchmark"}


def fill_files(database: Database, projects: Sequence[int], files: int, each: int = 10) -> None:
    """Write so many files, `each` a package, spread over projects; five are a release.

    Names are mixed, so that their order is not that of the rows.
    """
    packages = max(1, files // each)
    with database.writing() as session:
        serial = next_serial(session)
        first = [
            (session.scalar(select(func.max(model.id))) or 0) + 1
            for model in (Package, Release, File)
        ]
    rows = _Rows(projects, each, serial, *first)
    step = max(1, _AT_ONCE // each)
    for start in range(0, packages, step):
        numbers = range(start, min(start + step, packages))
        with database.writing() as session:
            session.execute(insert(Package), [rows.package(number) for number in numbers])
            session.execute(insert(PackageText), [rows.text(number) for number in numbers])
            session.execute(insert(Release), [row for n in numbers for row in rows.releases(n)])
            session.execute(insert(File), [row for n in numbers for row in rows.files(n)])
    with database.writing() as session:
        _count(session, projects, packages // len(projects), each)
    tidy(database)


def _count(session: Session, projects: Sequence[int], packages: int, each: int) -> None:
    session.execute(
        update(Namespace)
        .where(Namespace.id.in_(projects))
        .values(packages_count=packages, files_count=packages * each, storage_bytes=packages * each)
    )


class _Rows:
    """The rows of the package of a number."""

    def __init__(
        self,
        projects: Sequence[int],
        each: int,
        serial: int,
        package: int,
        release: int,
        file: int,
    ) -> None:
        self._projects, self._each, self._serial = projects, each, serial
        self._first_package, self._first_release, self._first_file = package, release, file
        self._of_package = -(-each // _FILES_OF_RELEASE)
        """Releases."""

    def package(self, number: int) -> dict[str, Any]:
        """The package."""
        moment = _START + timedelta(seconds=number)
        last = _version(self._of_package - 1)
        return {
            **self._belongs(number),
            "id": self._first_package + number,
            "name": package_name(number),
            "status": PackageStatus.ACTIVE,
            "serial": self._serial,
            "latest_version": last,
            "latest_version_key": version_key(last),
            "published_at": moment,
            "summary": _METADATA["summary"],
            "releases_count": self._of_package,
            "files_count": self._each,
            "storage_bytes": self._each,
            "pulls_count": 0,
            "created_at": moment,
        }

    def text(self, number: int) -> dict[str, Any]:
        """What a search looks in."""
        row = self._belongs(number)
        text = f"{row['normalized_name']}\nada lovelace\na package of the benchmark"
        return {**row, "package_id": self._first_package + number, "search_text": text}

    def releases(self, number: int) -> Iterator[dict[str, Any]]:
        """The releases."""
        moment = _START + timedelta(seconds=number)
        for place in range(self._of_package):
            version = _version(place)
            yield {
                **self._belongs(number),
                "id": self._first_release + number * self._of_package + place,
                "package_id": self._first_package + number,
                "version": version,
                "canonical_version": version,
                "version_key": version_key(version),
                "yanked": False,
                "core_metadata": _METADATA,
                "files_count": min(self._each, _FILES_OF_RELEASE),
                "created_at": moment,
                "updated_at": moment,
            }

    def files(self, number: int) -> Iterator[dict[str, Any]]:
        """The files."""
        name, project = package_name(number).replace("-", "_"), self._project(number)
        for place in range(self._each):
            row = self._first_file + number * self._each + place
            digest = blake2b(f"{row}".encode(), digest_size=32).hexdigest()
            release, platform = divmod(place, _FILES_OF_RELEASE)
            yield {
                "id": row,
                "project_id": project,
                "package_id": self._first_package + number,
                "release_id": self._first_release + number * self._of_package + release,
                "filename": f"{name}-{_version(release)}-py3-none-{_PLATFORMS[platform]}.whl",
                "packagetype": "bdist_wheel",
                "python_version": "py3",
                "size": 1,
                "sha256": digest,
                "blake2b_256": digest,
                "md5": digest[:32],
                "requires_python": ">=3.9",
                "metadata_sha256": digest,
                "storage": "local",
                "uploaded_at": _START + timedelta(seconds=row),
            }

    def _project(self, number: int) -> int:
        return self._projects[number % len(self._projects)]

    def _belongs(self, number: int) -> dict[str, Any]:
        return {
            "project_id": self._project(number),
            "normalized_name": package_name(number),
        }


def package_name(number: int) -> str:
    """The name of the package of a number."""
    return f"package-{number * 48_271 % 1_000_003:06}-{number}"


def _version(place: int) -> str:
    return f"1.{place}"


def fill_projects(database: Database, group: int, path: str, count: int, parts: int) -> list[int]:
    """Write projects into groups of their own in a group: the ids of the new groups.

    Project `j` of part `i` has the path `<path>/part-<i>/project-<j>`, and they are private.
    """
    with database.writing() as session:
        lineage = list(
            session.execute(
                select(NamespaceAncestor.ancestor_id, NamespaceAncestor.depth).where(
                    NamespaceAncestor.namespace_id == group
                )
            )
        )
        next_id = (session.scalar(select(func.max(Namespace.id))) or 0) + 1
        groups = list(range(next_id, next_id + parts))
        above = [(row.ancestor_id, row.depth) for row in lineage]
        rows = [
            _namespace(each, group, f"{path}/part-{number}", NamespaceKind.GROUP)
            for number, each in enumerate(groups)
        ]
        ancestors = [row for each in groups for row in _ancestors(each, above)]
        for number in range(count):
            part, place = number % parts, number // parts
            row_id, parent = groups[-1] + 1 + number, groups[part]
            project = f"{path}/part-{part}/project-{place}"
            rows.append(_namespace(row_id, parent, project, NamespaceKind.PROJECT))
            up = [(parent, 0), *((ancestor, depth + 1) for ancestor, depth in above)]
            ancestors += _ancestors(row_id, up)
        session.execute(insert(Namespace), rows)
        session.execute(insert(NamespaceAncestor), ancestors)
    tidy(database)
    return groups


def _namespace(row_id: int, parent: int, path: str, kind: NamespaceKind) -> dict[str, Any]:
    segment = path.rpartition("/")[2]
    return {
        "id": row_id,
        "kind": kind,
        "parent_id": parent,
        "name": segment,
        "path": segment,
        "full_path": path,
        "full_path_key": path,
        "description": "",
        "visibility": Visibility.PRIVATE,
        "packages_enabled": True,
        "packages_available": True,
        "anyone_can_pull": False,
        "pulls_open": False,
        "serial": 0,
        "packages_count": 0,
        "files_count": 0,
        "storage_bytes": 0,
        "created_at": _START,
    }


def _ancestors(row_id: int, above: Sequence[tuple[int, int]]) -> list[dict[str, int]]:
    own = {"namespace_id": row_id, "ancestor_id": row_id, "depth": 0}
    return [
        own,
        *(
            {"namespace_id": row_id, "ancestor_id": ancestor, "depth": depth + 1}
            for ancestor, depth in above
        ),
    ]
