"""Core metadata: what an archive says about itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from packaging.metadata import InvalidMetadata, Metadata, RawMetadata
from packaging.utils import NormalizedName
from packaging.version import Version

from pyregistry.errors import Invalid
from pyregistry.packaging.metadata_headers import MAX_METADATA_SIZE, read_headers
from pyregistry.packaging.names import (
    canonical_version,
    check_package_name,
    normalize_name,
    parse_version,
)
from pyregistry.sentences import shown

# The version that first knew these fields. Fields of 2.1 and earlier are kept
# whatever version is declared: old tools mixed them, and installers heed them.
_FIRST_KNOWN_IN = {
    "dynamic": (2, 2),
    "license_expression": (2, 4),
    "license_files": (2, 4),
    "import_names": (2, 5),
    "import_namespaces": (2, 5),
}

# Declared by wheels of 2014 to 2018 though it was never finished (PEP 426);
# its fields were those that became 2.1.
_WITHDRAWN_VERSION = "2.0"

_LOWEST_CHECKED_VERSION = (2, 1)

# From this version on, the names of extras are valid names (PEP 685).
_EXTRAS_NAMED_SINCE = (2, 3)

# Far beyond any real value, and fewer digits than Python reads as one number.
_MAX_REQUIREMENT_LENGTH = 4000
# What takes packaging a second or two to read; the most that are known have 150,000.
_MAX_REQUIREMENTS_LENGTH = 500_000
_MAX_LICENSE_EXPRESSION_LENGTH = 2000

# Fields that lists of packages show, or that every view of a page takes apart.
_MAX_FIELD_LENGTH = 20_000
_BOUNDED = ("summary", "keywords", "author", "author_email", "maintainer", "maintainer_email")

# An sdist's metadata holds for what is built from it when none of these is
# dynamic (PEP 643).
_RELIABLE_SINCE = (2, 2)
_READ_BY_RESOLVERS = frozenset({"requires-dist", "requires-python", "provides-extra"})


@dataclass(frozen=True, slots=True)
class CoreMetadata:
    """The core metadata of one distribution archive.

    `raw` holds every field, under the keys of `packaging.metadata.RawMetadata`
    (`platforms`, `home_page`, `classifiers`, `project_urls` as a dictionary of
    label to address, `keywords` as a list …), as JSON knows them: strings,
    lists of strings, one dictionary. A field that says nothing, or `UNKNOWN`
    as distutils wrote, is absent. `name` and `raw["version"]` are spelled as
    in the archive.
    """

    raw: Mapping[str, Any]
    version: Version

    @classmethod
    def parse(cls, content: bytes, *, max_size: int = MAX_METADATA_SIZE) -> "CoreMetadata":
        """Read a METADATA or PKG-INFO of any version from 1.0 to 2.6.

        `max_size` is in bytes. Headers that no version knows are ignored, and
        those that came later than the declared version are dropped. Raises
        `Invalid` for what the specification forbids and for what no text may
        hold. Source: the core metadata specification; PEP 241, 314, 345, 566,
        643, 685, 639, 794, 808.
        """
        raw = read_headers(content, max_size=max_size)
        declared = _check_version_of_format(raw)
        for field, first_known in _FIRST_KNOWN_IN.items():
            if declared < first_known:
                raw.pop(field, None)
        check_package_name(_required(raw, "name", "Name"))
        version = parse_version(_required(raw, "version", "Version"))
        _check_lengths(raw)
        _validate(raw, declared)
        return cls(raw=raw, version=version)

    @property
    def metadata_version(self) -> str:
        """The version of the format, as declared: `1.0` to `2.6`."""
        return cast(str, self.raw["metadata_version"])

    @property
    def name(self) -> str:
        """The name as the archive spells it."""
        return cast(str, self.raw["name"])

    @property
    def normalized_name(self) -> NormalizedName:
        """The name as PEP 503 normalises it."""
        return normalize_name(self.name)

    @property
    def canonical_version(self) -> str:
        """The version in the spelling that is one for all that mean the same release."""
        return canonical_version(self.version)

    @property
    def description(self) -> str | None:
        """The long text, in the markup of `description_content_type`."""
        return self.raw.get("description")

    @property
    def description_content_type(self) -> str | None:
        """As declared, with its parameters; None: not declared."""
        return self.raw.get("description_content_type")

    @property
    def requires_python(self) -> str | None:
        """A version specifier, as written."""
        return self.raw.get("requires_python")

    @property
    def dynamic(self) -> list[str]:
        """The names of headers that a build may change (PEP 643), in lower case."""
        return [name.lower() for name in self.raw.get("dynamic", [])]

    @property
    def without_description(self) -> dict[str, Any]:
        """Every field but the description."""
        return {field: value for field, value in self.raw.items() if field != "description"}

    @property
    def reliable_for_sdist(self) -> bool:
        """Whether, as PKG-INFO, it says what a resolver will find in a build (PEP 643)."""
        return _number(self.metadata_version) >= _RELIABLE_SINCE and not (
            _READ_BY_RESOLVERS.intersection(self.dynamic)
        )


def _required(raw: Mapping[str, Any], field: str, header: str) -> str:
    value = raw.get(field)
    if not isinstance(value, str):
        raise Invalid(f"The metadata in the archive has no {header}: build it again with one")
    return value


def _check_version_of_format(raw: Mapping[str, Any]) -> tuple[int, int]:
    declared = _required(raw, "metadata_version", "Metadata-Version")
    if declared == _WITHDRAWN_VERSION:
        return _number(declared)
    try:
        probe = Metadata.from_raw({"metadata_version": declared}, validate=False)
        return _number(probe.metadata_version)
    except InvalidMetadata:
        raise Invalid(
            f"The metadata in the archive declares Metadata-Version {shown(declared)},"
            " which is none of 1.0, 1.1, 1.2, 2.0 and 2.1 to 2.6: build it for one of these"
        ) from None


def _number(metadata_version: str) -> tuple[int, int]:
    major, _, minor = metadata_version.partition(".")
    return int(major), int(minor)


def _check_lengths(raw: Mapping[str, Any]) -> None:
    requirements = [*raw.get("requires_dist", []), raw.get("requires_python", "")]
    length = sum(map(len, requirements))
    if length > _MAX_REQUIREMENTS_LENGTH:
        raise Invalid(
            f"The metadata in the archive has requirements of {length} characters together:"
            f" use at most {_MAX_REQUIREMENTS_LENGTH}"
        )
    longest = max(requirements, key=len)
    if len(longest) > _MAX_REQUIREMENT_LENGTH:
        raise Invalid(
            f"The metadata in the archive has a requirement of {len(longest)} characters:"
            f" use at most {_MAX_REQUIREMENT_LENGTH}"
        )
    if len(raw.get("license_expression", "")) > _MAX_LICENSE_EXPRESSION_LENGTH:
        raise Invalid(
            "The License-Expression in the archive is longer than"
            f" {_MAX_LICENSE_EXPRESSION_LENGTH} characters: shorten it"
        )
    for field in _BOUNDED:
        value = raw.get(field, "")
        length = len(value if isinstance(value, str) else ",".join(value))
        if length > _MAX_FIELD_LENGTH:
            raise Invalid(
                f"The metadata in the archive has {field.replace('_', '-').title()} of {length}"
                f" characters: use at most {_MAX_FIELD_LENGTH}"
            )


def _validate(raw: Mapping[str, Any], declared: tuple[int, int]) -> None:
    """Let `packaging` check every field it can, whatever version is declared."""
    checked = dict(raw)
    if declared < _LOWEST_CHECKED_VERSION:
        checked["metadata_version"] = "2.1"
    if declared < _EXTRAS_NAMED_SINCE:
        checked.pop("provides_extra", None)
    try:
        Metadata.from_raw(cast(RawMetadata, checked), validate=True)
    except ExceptionGroup as problems:
        first = min(str(problem) for problem in problems.exceptions)
        raise _invalid_field(first) from None
    except (ValueError, RecursionError, MemoryError):
        # Numbers and brackets without an end, in versions and markers.
        raise _invalid_field("a value is too long or nested too deeply") from None


def _invalid_field(problem: str) -> Invalid:
    sentence = problem.encode("ascii", "backslashreplace").decode("ascii")
    return Invalid(f"The metadata in the archive is invalid, correct it: {sentence[:300]}")
