"""The documents of PyPI's JSON API: what they say, field by field.

The names are PyPI's own. What it says of itself alone is here as PyPI says it where it
knows nothing: `downloads` is -1, `docs_url` and `bugtrack_url` are null. Who owns a package
is for its members to know, and not told to everyone who may pull.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from urllib.parse import quote

from pyregistry.packaging.services.published import PublishedFile, ReleaseMetadata

_TEXTS = (
    "author",
    "author_email",
    "description_content_type",
    "download_url",
    "home_page",
    "license",
    "license_expression",
    "maintainer",
    "maintainer_email",
    "requires_python",
    "summary",
)
_LITERAL = "!+"
"""What versions hold and addresses may: mirroring clients take a path for that of a file."""
_LISTS = ("dynamic", "license_files", "provides_extra", "requires_dist")


@dataclass(frozen=True, slots=True)
class Links:
    """Absolute addresses, each with a slash at its end.

    `package` is a page about the package; where `release_pages`, those of its releases
    are below it. `files` has the files, by digest and name.
    """

    package: str
    files: str
    release_pages: bool

    def release(self, version: str) -> str:
        """A page about the release."""
        return f"{self.package}{_quoted(version)}/" if self.release_pages else self.package

    def file(self, file: PublishedFile) -> str:
        """The download of a file."""
        return f"{self.files}{_quoted(file.sha256)}/{_quoted(file.filename)}"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a document shows.

    `name` is normalised, `version` is the one that `metadata` is of, as `releases` spells
    it. `releases` has every version that is shown, in order, with its files.
    """

    name: str
    version: str
    yanked: bool
    yanked_reason: str | None
    metadata: ReleaseMetadata
    releases: Mapping[str, Sequence[PublishedFile]]
    serial: int
    links: Links


def render_document(shown: Shown, *, with_releases: bool) -> bytes:
    """The document as JSON in UTF-8; that of a single release has no `releases`."""
    releases = {
        version: [_file(file, shown.links) for file in files]
        for version, files in shown.releases.items()
    }
    document: dict[str, Any] = {"info": _info(shown), "last_serial": shown.serial}
    if with_releases:
        document["releases"] = releases
    document["urls"] = releases[shown.version]
    document["vulnerabilities"] = []
    document["ownership"] = {"roles": [], "organization": None}
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def _info(shown: Shown) -> dict[str, Any]:
    raw = shown.metadata.core_metadata
    return {
        **{field: raw.get(field) for field in (*_TEXTS, *_LISTS)},
        "name": shown.metadata.name,
        "version": shown.version,
        "description": shown.metadata.description or "",
        "classifiers": raw.get("classifiers", []),
        "keywords": _joined(raw.get("keywords")),
        "platform": _joined(raw.get("platforms")),
        "project_urls": raw.get("project_urls"),
        "package_url": shown.links.package,
        "project_url": shown.links.package,
        "release_url": shown.links.release(shown.version),
        "yanked": shown.yanked,
        "yanked_reason": shown.yanked_reason,
        "downloads": {"last_day": -1, "last_week": -1, "last_month": -1},
        "docs_url": None,
        "bugtrack_url": None,
    }


def _file(file: PublishedFile, links: Links) -> dict[str, Any]:
    uploaded_at = file.uploaded_at.astimezone(UTC).replace(tzinfo=None)
    metadata = {"sha256": file.metadata_sha256} if file.metadata_sha256 else False
    return {
        "filename": file.filename,
        "url": links.file(file),
        "packagetype": file.packagetype,
        "python_version": file.python_version,
        "requires_python": file.requires_python,
        "size": file.size,
        "digests": {"md5": file.md5, "sha256": file.sha256, "blake2b_256": file.blake2b_256},
        "md5_digest": file.md5,
        "core-metadata": metadata,
        "upload_time": uploaded_at.isoformat(timespec="seconds"),
        "upload_time_iso_8601": uploaded_at.isoformat(timespec="microseconds") + "Z",
        "yanked": file.yanked,
        "yanked_reason": file.yanked_reason,
        "comment_text": "",
        "downloads": -1,
        "has_sig": False,
    }


def _joined(words: Sequence[str] | None) -> str | None:
    return ",".join(words) if words else None


def _quoted(segment: str) -> str:
    return quote(segment, safe=_LITERAL, errors="replace")
