"""Inspecting one archive from its filename to its description."""

from dataclasses import dataclass
from pathlib import Path

from pyregistry.errors import Invalid
from pyregistry.forklift.inspect.limits import ArchiveLimits, ExpansionBudget
from pyregistry.forklift.inspect.sdist import read_sdist
from pyregistry.forklift.inspect.tar_members import TarArchive
from pyregistry.forklift.inspect.wheel import read_wheel
from pyregistry.forklift.inspect.zip_members import ZipArchive
from pyregistry.packaging.confined import render_confined
from pyregistry.packaging.filenames import (
    PackageType,
    ParsedFilename,
    is_stem_of,
    parse_filename,
)
from pyregistry.packaging.metadata import CoreMetadata
from pyregistry.sentences import shown

_DEFAULT_LIMITS = ArchiveLimits()


@dataclass(frozen=True, slots=True)
class InspectedArchive:
    """What an archive says, when everything about it is right.

    `metadata_bytes` are its METADATA or PKG-INFO, byte for byte, and
    `serves_metadata` tells whether an index may serve them beside the file
    (PEP 658): those of a wheel always, those of an sdist where they are
    reliable (PEP 643). `description_html` is safe to include in a page, and
    empty where there is no description.
    """

    parsed: ParsedFilename
    metadata: CoreMetadata
    metadata_bytes: bytes
    serves_metadata: bool
    description_html: str


def inspect(
    archive: Path,
    filename: str,
    *,
    expected_name: str | None = None,
    limits: ArchiveLimits = _DEFAULT_LIMITS,
) -> InspectedArchive:
    """Inspect the archive at a path, whose filename is another than that of the path.

    `expected_name` is the name of the package in any spelling, where it is
    known. The archive is read once, in bounded memory, and nothing of it is
    written anywhere. Raises `Invalid` for everything that is wrong with the
    filename, the archive, its metadata or its description.
    """
    parsed = parse_filename(filename, expected_name)
    metadata_bytes = _read_metadata(archive, parsed, limits)
    metadata = CoreMetadata.parse(metadata_bytes, max_size=limits.max_metadata_size)
    parsed = _agreed(parsed, metadata)
    return InspectedArchive(
        parsed=parsed,
        metadata=metadata,
        metadata_bytes=metadata_bytes,
        serves_metadata=parsed.packagetype is PackageType.WHEEL or metadata.reliable_for_sdist,
        description_html=render_confined(
            metadata.description or "", metadata.description_content_type
        ),
    )


def _read_metadata(archive: Path, parsed: ParsedFilename, limits: ArchiveLimits) -> bytes:
    size = archive.stat().st_size
    budget = ExpansionBudget(limits, size)
    with archive.open("rb") as stream:
        if parsed.packagetype is PackageType.WHEEL:
            return read_wheel(ZipArchive(stream, size, budget), parsed, limits.max_metadata_size)
        if parsed.extension == ".zip":
            members = ZipArchive(stream, size, budget).members()
        else:
            members = TarArchive(stream, budget).members()
        return read_sdist(members, parsed, limits.max_metadata_size)


def _agreed(parsed: ParsedFilename, metadata: CoreMetadata) -> ParsedFilename:
    """The parsed filename, when it names the package and version of the metadata.

    The filename of an old sdist can be read in several ways: it is read again
    with the name that is now known.
    """
    if parsed.packagetype is PackageType.SDIST and is_stem_of(
        parsed.stem, metadata.name, metadata.version
    ):
        return parse_filename(parsed.filename, metadata.name)
    if parsed.normalized_name != metadata.normalized_name:
        raise Invalid(
            f"The filename is of the package {shown(parsed.name)}, but the metadata in the archive"
            f" of {shown(metadata.name)}: give both one name"
        )
    if parsed.version != metadata.version:
        raise Invalid(
            f"The filename is of version {shown(str(parsed.version))}, but the metadata in the"
            f" archive of {shown(str(metadata.version))}: give both one version"
        )
    return parsed
