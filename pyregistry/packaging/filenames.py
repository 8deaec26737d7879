"""The filename of a distribution archive, read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from packaging.tags import Tag
from packaging.utils import BuildTag, InvalidWheelFilename, NormalizedName, parse_wheel_filename
from packaging.version import Version

from pyregistry.errors import Invalid
from pyregistry.packaging.names import normalize_name, parse_version, valid_package_name
from pyregistry.sentences import shown

MAX_FILENAME_LENGTH = 255
"""In characters, all of them ASCII: what file systems and our database hold."""

METADATA_SUFFIX = ".metadata"
"""After the filename, in the address of the file's core metadata (PEP 658)."""

_WHEEL = ".whl"
_SDIST_EXTENSIONS = (".tar.gz", ".zip")

# Names, versions with their epoch ('!') and local part ('+'), tags: nothing else.
_ALLOWED = re.compile(r"[A-Za-z0-9._+!-]+", re.ASCII)


class PackageType(StrEnum):
    """The kinds of distribution archive, by the name that upload forms give them."""

    WHEEL = "bdist_wheel"
    SDIST = "sdist"


@dataclass(frozen=True, slots=True)
class ParsedFilename:
    """What a filename says.

    `name` and `version` are those of the filename, the version read. For a
    wheel, `python_version` is its Python tag as written (`py3`, `py2.py3`,
    `cp312`), `build` its build tag (empty tuple: none) and `tags` every single
    tag of its compressed tag set. For an sdist they are `source`, `()` and
    empty. `extension` begins with its dot.
    """

    filename: str
    packagetype: PackageType
    name: str
    version: Version
    python_version: str
    extension: str
    build: BuildTag = ()
    tags: frozenset[Tag] = frozenset()

    @property
    def normalized_name(self) -> NormalizedName:
        """The name as PEP 503 normalises it."""
        return normalize_name(self.name)

    @property
    def stem(self) -> str:
        """The filename without its extension."""
        return self.filename.removesuffix(self.extension)


def parse_filename(filename: str, expected_name: str | None = None) -> ParsedFilename:
    """Read the filename of a wheel (PEP 427) or an sdist (PEP 625, and older spellings).

    `expected_name` is the name of the package in any spelling, where it is
    known. It decides where an sdist's name ends (`foo-1.0-1.zip`); without it
    the last dash does that a valid version follows. Raises `Invalid` for
    everything that is no such filename or not one of that package.
    """
    _check_characters(filename)
    if filename.endswith(_WHEEL):
        parsed = _parse_wheel(filename)
        if expected_name is not None and parsed.normalized_name != normalize_name(expected_name):
            raise _other_package(filename, expected_name)
        return parsed
    for extension in _SDIST_EXTENSIONS:
        if filename.endswith(extension):
            return _parse_sdist(filename, extension, expected_name)
    raise Invalid(
        f"The filename {shown(filename)} has no extension of a distribution archive:"
        " upload a wheel (.whl) or an sdist (.tar.gz or .zip)"
    )


def is_stem_of(stem: str, name: str, version: Version) -> bool:
    """Whether `stem` is this name, a dash and this version, each in any spelling."""
    normalized_name = normalize_name(name)
    return any(
        normalize_name(found) == normalized_name and found_version == version
        for found, found_version in _splits(stem)
    )


def _check_characters(filename: str) -> None:
    if not filename:
        raise Invalid("The upload has no filename: send the archive's own")
    if len(filename) > MAX_FILENAME_LENGTH:
        raise Invalid(
            f"The filename {shown(filename)} has {len(filename)} characters:"
            f" use at most {MAX_FILENAME_LENGTH}"
        )
    if not _ALLOWED.fullmatch(filename):
        raise Invalid(
            f"The filename {shown(filename)} has characters that a filename of a distribution"
            " never has: use ASCII letters, digits and . _ - + ! alone, without a folder"
        )


def _parse_wheel(filename: str) -> ParsedFilename:
    try:
        _, version, build, tags = parse_wheel_filename(filename)
    except (InvalidWheelFilename, ValueError):
        raise Invalid(
            f"The filename {shown(filename)} is no filename of a wheel: name it"
            " {name}-{version}(-{build})-{python}-{abi}-{platform}.whl, with '_' for '-' in each"
        ) from None
    parts = filename.removesuffix(_WHEEL).split("-")
    if not valid_package_name(parts[0]):
        raise Invalid(
            f"The filename {shown(filename)} starts with no valid name:"
            " a name has a letter or digit first and last"
        )
    return ParsedFilename(
        filename=filename,
        packagetype=PackageType.WHEEL,
        name=parts[0],
        version=version,
        python_version=parts[-3],
        extension=_WHEEL,
        build=build,
        tags=tags,
    )


def _parse_sdist(filename: str, extension: str, expected_name: str | None) -> ParsedFilename:
    splits = list(_splits(filename.removesuffix(extension)))
    if not splits:
        raise Invalid(
            f"The filename {shown(filename)} has no valid name, dash and PEP 440 version:"
            f" name the sdist {{name}}-{{version}}{extension}"
        )
    if expected_name is not None:
        wanted = normalize_name(expected_name)
        splits = [split for split in splits if normalize_name(split[0]) == wanted]
        if not splits:
            raise _other_package(filename, expected_name)
    name, version = splits[0]
    return ParsedFilename(
        filename=filename,
        packagetype=PackageType.SDIST,
        name=name,
        version=version,
        python_version="source",
        extension=extension,
    )


def _splits(stem: str) -> Iterator[tuple[str, Version]]:
    """Every way to read `stem` as a name, a dash and a version; the last dash first."""
    end = len(stem)
    while (end := stem.rfind("-", 0, end)) > 0:
        name = stem[:end]
        if valid_package_name(name):
            try:
                yield name, parse_version(stem[end + 1 :])
            except Invalid:
                continue


def _other_package(filename: str, expected_name: str) -> Invalid:
    return Invalid(
        f"The filename {shown(filename)} is not one of the package {shown(expected_name)}:"
        " start it with that name, or upload it as the package that it names"
    )
