"""The rows of a new file: its package, its release, itself, and the counts of each.

Written without the object-relational mapper: they are written while everybody else who publishes
waits, and a statement that is built once costs a fifth of one that is built anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor
from pyregistry.builds.models import FileBuild
from pyregistry.db import table_of
from pyregistry.namespaces.models import Namespace
from pyregistry.numbering import new_identifiers
from pyregistry.packaging.models import File, FileMetadata, Package, PackageStatus, Release
from pyregistry.packaging.new_files import NewFile
from pyregistry.packaging.services.destination import Destination
from pyregistry.packaging.services.downloads import counted_pulls
from pyregistry.packaging.services.latest import PackageKey, becomes_latest, keep_beside
from pyregistry.packaging.version_keys import version_key

_PACKAGES = table_of(Package)
_RELEASES = table_of(Release)
_FILES = table_of(File)
_PROJECTS = table_of(Namespace)


@dataclass(frozen=True, slots=True)
class Rows:
    """Writes what a new file adds to its destination, in the caller's writing transaction.

    `serial` is the number of this change; nobody else writes to these rows meanwhile.
    """

    session: Session
    place: Destination
    new: NewFile
    actor: Actor
    now: datetime
    serial: int

    def write(self) -> int:
        """Write all of them, the package before the release; the id of the file."""
        connection = self.session.connection()
        ids = new_identifiers(connection, *self._new_tables())
        package_id, latest = self._write_package(connection, ids)
        release_id = self._write_release(connection, ids, package_id)
        file_id = self._write_file(connection, ids, package_id, release_id)
        connection.execute(
            _COUNT_IN_PROJECT,
            {
                "of_project": self.place.project_id,
                "its_serial": self.serial,
                "packages": int(self.place.package_id is None),
                "bytes": self.new.size,
            },
        )
        if latest:
            key = PackageKey(self.place.project_id, package_id, self.new.normalized_name)
            name, is_new = self.place.package_name or self.new.name, self.place.package_id is None
            keep_beside(self.session, key, name, self.new.core_metadata, is_new=is_new)
        return file_id

    def _new_tables(self) -> list[Any]:
        known = {_PACKAGES: self.place.package_id, _RELEASES: self.place.release_id, _FILES: None}
        return [table for table, number in known.items() if number is None]

    def _write_package(self, connection: Connection, ids: Mapping[str, int]) -> tuple[int, bool]:
        """The id of the package, and whether its latest release is that of the file, and new."""
        place, new = self.place, self.new
        if place.package_id is None:
            values = {**_id_in(ids, _PACKAGES), **self._package_values()}
            return _inserted(connection, _PACKAGES, values), True
        is_latest = place.release_id is None and becomes_latest(
            self.session, place.package_id, place.latest_version, new.version
        )
        values = {
            "of_package": place.package_id,
            "its_serial": self.serial,
            "releases": int(place.release_id is None),
            "bytes": new.size,
        }
        if is_latest:
            connection.execute(_COUNT_IN_PACKAGE_OF_LATEST, {**values, **self._latest_values()})
        else:
            connection.execute(_COUNT_IN_PACKAGE, values)
        return place.package_id, is_latest

    def _package_values(self) -> dict[str, Any]:
        place, new = self.place, self.new
        return {
            "project_id": place.project_id,
            "name": new.name,
            "normalized_name": new.normalized_name,
            "status": PackageStatus.ACTIVE,
            "serial": self.serial,
            "releases_count": 1,
            "files_count": 1,
            "storage_bytes": new.size,
            # The days' counts outlive a package that is deleted and published again.
            "pulls_count": counted_pulls(self.session, place.project_id, new.normalized_name),
            "created_at": self.now,
            **self._latest_values(),
        }

    def _latest_values(self) -> dict[str, Any]:
        return {
            "latest_version": self.new.version,
            "latest_version_key": version_key(self.new.canonical_version),
            "published_at": self.now,
            "summary": self.new.core_metadata.get("summary"),
        }

    def _write_release(
        self, connection: Connection, ids: Mapping[str, int], package_id: int
    ) -> int:
        place, new = self.place, self.new
        if place.release_id is not None:
            values = {"of_release": place.release_id, "at": self.now}
            connection.execute(_COUNT_IN_RELEASE, values)
            return place.release_id
        return _inserted(
            connection,
            _RELEASES,
            {
                **_id_in(ids, _RELEASES),
                "package_id": package_id,
                "project_id": place.project_id,
                "normalized_name": new.normalized_name,
                "version": new.version,
                "canonical_version": new.canonical_version,
                "version_key": version_key(new.canonical_version),
                "yanked": False,
                "core_metadata": dict(new.core_metadata),
                "description": new.description,
                "description_html": new.description_html,
                "files_count": 1,
                "created_at": self.now,
                "updated_at": self.now,
                "creator_id": self.actor.user_id,
            },
        )

    def _write_file(
        self, connection: Connection, ids: Mapping[str, int], package_id: int, release_id: int
    ) -> int:
        new, actor = self.new, self.actor
        file_id = _inserted(
            connection,
            _FILES,
            {
                **_id_in(ids, _FILES),
                "project_id": self.place.project_id,
                "package_id": package_id,
                "release_id": release_id,
                **{name: getattr(new, name) for name in _COPIED},
                "uploaded_at": self.now,
                "uploader_id": actor.user_id,
                "uploader_name": actor.username,
                "credential_kind": actor.credential_kind,
                "credential_name": actor.credential_name,
                "uploaded_from": actor.address,
                "user_agent": actor.user_agent,
            },
        )
        if new.metadata_file is not None:
            connection.execute(_ADD_METADATA, {"file_id": file_id, "content": new.metadata_file})
        if actor.build_id is not None:
            connection.execute(_ADD_BUILD, {"file_id": file_id, "build_id": actor.build_id})
        return file_id


_COPIED = (
    "filename",
    "packagetype",
    "python_version",
    "size",
    "sha256",
    "blake2b_256",
    "md5",
    "sha1",
    "requires_python",
    "metadata_sha256",
    "storage",
)

_ADD = {table: insert(table).returning(table.c.id) for table in (_PACKAGES, _RELEASES, _FILES)}
_ADD_METADATA = insert(table_of(FileMetadata))
_ADD_BUILD = insert(table_of(FileBuild))

_COUNT_IN_PACKAGE = (
    update(_PACKAGES)
    .where(_PACKAGES.c.id == bindparam("of_package"))
    .values(
        serial=bindparam("its_serial"),
        releases_count=_PACKAGES.c.releases_count + bindparam("releases"),
        files_count=_PACKAGES.c.files_count + 1,
        storage_bytes=_PACKAGES.c.storage_bytes + bindparam("bytes"),
    )
)
_COUNT_IN_PACKAGE_OF_LATEST = _COUNT_IN_PACKAGE.values(
    {
        name: bindparam(name)
        for name in ("latest_version", "latest_version_key", "published_at", "summary")
    }
)
_COUNT_IN_RELEASE = (
    update(_RELEASES)
    .where(_RELEASES.c.id == bindparam("of_release"))
    .values(files_count=_RELEASES.c.files_count + 1, updated_at=bindparam("at"))
)
_COUNT_IN_PROJECT = (
    update(_PROJECTS)
    .where(_PROJECTS.c.id == bindparam("of_project"))
    .values(
        serial=bindparam("its_serial"),
        packages_count=_PROJECTS.c.packages_count + bindparam("packages"),
        files_count=_PROJECTS.c.files_count + 1,
        storage_bytes=_PROJECTS.c.storage_bytes + bindparam("bytes"),
    )
)


def _id_in(ids: Mapping[str, int], table: Any) -> dict[str, int]:
    """The number that a new row is given, where the database does not give it."""
    return {"id": ids[table.name]} if table.name in ids else {}


def _inserted(connection: Connection, table: Any, values: Mapping[str, Any]) -> int:
    return int(connection.execute(_ADD[table], values).scalar_one())
