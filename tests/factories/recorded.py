"""Files that are recorded without an upload, for tests below the web."""

from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Actor
from pyregistry.namespaces.models import Namespace
from pyregistry.packaging.names import canonical_version, normalize_name
from pyregistry.packaging.new_files import NewFile
from pyregistry.packaging.services.record import record_file
from pyregistry.storage.digests import Digests, Hasher
from tests.factories.world import World


def anything(_session: Session, _project_id: int, _normalized_name: str) -> None:
    """Permits to change packages of every name."""


def digests_of(content: bytes) -> Digests:
    """The digests of some bytes."""
    hasher = Hasher()
    hasher.update(content)
    return hasher.digests()


def new_file(digests: Digests, filename: str = "demo-1.0.tar.gz") -> NewFile:
    """An sdist of the package `demo`, version 1.0, made of the bytes with these digests."""
    return NewFile(
        filename=filename,
        packagetype="sdist",
        python_version="source",
        name="demo",
        normalized_name="demo",
        version="1.0",
        canonical_version="1",
        size=1,
        sha256=digests.sha256,
        blake2b_256=digests.blake2b_256,
        md5=digests.md5,
        sha1=digests.sha1,
        requires_python=None,
        core_metadata={},
        description=None,
        description_html=None,
        metadata_file=b"Name: demo",
        metadata_sha256=digests_of(b"Name: demo").sha256,
        storage="local",
    )


def record(world: World, project: int, digests: Digests, filename: str = "demo-1.0.tar.gz") -> int:
    """Record a file in a project and return its id."""
    with world.components.database.writing() as session:
        namespace = session.get_one(Namespace, project)
        new = new_file(digests, filename)
        return record_file(session, namespace, new, Actor(), world.clock(), permit=anything).id


def publish(
    world: World,
    project: int,
    name: str,
    version: str = "1.0",
    *,
    actor: Actor | None = None,
    size: int = 1,
    **core_metadata: Any,
) -> int:
    """Record an sdist of a package with that core metadata in a project, and return its id."""
    filename = f"{name}-{version}.tar.gz"
    new = replace(
        new_file(digests_of(f"{project}/{filename}".encode()), filename),
        name=name,
        normalized_name=normalize_name(name),
        version=version,
        canonical_version=canonical_version(version),
        size=size,
        core_metadata={"name": name, "version": version, **core_metadata},
    )
    with world.components.database.writing() as session:
        namespace = session.get_one(Namespace, project)
        return record_file(
            session, namespace, new, actor or Actor(), world.clock(), permit=anything
        ).id
