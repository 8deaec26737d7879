"""A file that is about to be recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that was received, inspected and stored, and has no row yet."""

    filename: str
    packagetype: str
    python_version: str
    name: str
    normalized_name: str
    version: str
    canonical_version: str
    size: int
    sha256: str
    blake2b_256: str
    md5: str
    sha1: str
    requires_python: str | None
    core_metadata: Mapping[str, Any]
    description: str | None
    description_html: str | None
    metadata_file: bytes | None
    """The bytes of METADATA or PKG-INFO where they are served (PEP 658), else None."""
    metadata_sha256: str | None
    storage: str
