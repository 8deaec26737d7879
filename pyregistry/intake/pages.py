"""Pages of the simple repository API as other indexes write them (PEP 503, PEP 691, PEP 592)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from pyregistry.intake.errors import CannotFetch
from pyregistry.sentences import shown

ACCEPT: Final = (
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2,"
    " text/html;q=0.1"
)
_API_VERSION: Final = "1"


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its address after every redirect, its media type, its bytes."""

    address: str
    content_type: str
    body: bytes

    @property
    def is_json(self) -> bool:
        """Whether it says that it is JSON."""
        return self.content_type.partition(";")[0].strip().lower().endswith("json")


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file as a page lists it. `yanked` is None where it is not."""

    filename: str
    address: str
    digests: Mapping[str, str] = field(default_factory=dict)
    yanked: str | None = None
    size: int = 0


def names_on(page: Page) -> list[str]:
    """The names of packages on the page of an index. Raises `CannotFetch` for no such page."""
    if page.is_json:
        rows = _list_of(_document(page), "projects", page)
        return [row["name"] for row in rows if isinstance(row.get("name"), str)]
    return [anchor.text.strip() or _last_segment(anchor.href) for anchor in _anchors(page)]


def files_on(page: Page) -> list[ListedFile]:
    """The files on the page of a package. Raises `CannotFetch` for no such page."""
    if page.is_json:
        return [_file_of(page, row) for row in _list_of(_document(page), "files", page)]
    return [_file_at(anchor) for anchor in _anchors(page)]


def _document(page: Page) -> dict[str, Any]:
    try:
        document = json.loads(page.body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise _no_page(page)
    meta = document.get("meta")
    _check_version(meta.get("api-version") if isinstance(meta, dict) else None, page)
    return document


def _list_of(document: dict[str, Any], key: str, page: Page) -> list[dict[str, Any]]:
    rows = document.get(key)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _no_page(page)
    return rows


def _file_of(page: Page, row: dict[str, Any]) -> ListedFile:
    filename, address = row.get("filename"), row.get("url")
    if not isinstance(filename, str) or not isinstance(address, str):
        raise _no_page(page)
    hashes, yanked, size = row.get("hashes"), row.get("yanked"), row.get("size")
    told = hashes if isinstance(hashes, dict) else {}
    reason = yanked if isinstance(yanked, str) else ""
    return ListedFile(
        filename,
        _joined(page.address, address),
        {name: digest for name, digest in told.items() if isinstance(digest, str)},
        # An empty text is a reason, too, that says nothing (PEP 691).
        reason if yanked or isinstance(yanked, str) else None,
        size if isinstance(size, int) else 0,
    )


def _joined(base: str, address: str) -> str:
    """The address, absolute; as it stands there where it is none: to fetch it is refused then."""
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def _file_at(anchor: "_Anchor") -> ListedFile:
    address, _, fragment = anchor.href.partition("#")
    digests = dict(parse_qsl(fragment))
    return ListedFile(_last_segment(address), address, digests, anchor.yanked)


def _last_segment(address: str) -> str:
    return unquote(urlsplit(address).path.rstrip("/").rpartition("/")[2])


@dataclass(slots=True)
class _Anchor:
    href: str
    yanked: str | None
    text: str = ""


class _Reader(HTMLParser):
    """Collects the anchors of a page, and which version of the API it says it has."""

    def __init__(self, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.anchors: list[_Anchor] = []
        self.version: str | None = None
        self._base = address
        self._open: _Anchor | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "a" and attributes.get("href"):
            href = urljoin(self._base, str(attributes["href"]))
            yanked = (attributes["data-yanked"] or "") if "data-yanked" in attributes else None
            self._open = _Anchor(href, yanked)
            self.anchors.append(self._open)
        elif tag == "base" and attributes.get("href"):
            self._base = urljoin(self._base, str(attributes["href"]))
        elif tag == "meta" and attributes.get("name") == "pypi:repository-version":
            self.version = attributes.get("content")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._open.text += data


def _anchors(page: Page) -> list[_Anchor]:
    reader = _Reader(page.address)
    try:
        reader.feed(page.body.decode("utf-8", "replace"))
        reader.close()
    except (ValueError, AssertionError):  # an address that is none; a declaration that is none
        raise _no_page(page) from None
    _check_version(reader.version, page)
    return reader.anchors


def _check_version(version: object, page: Page) -> None:
    if version is not None and str(version).partition(".")[0] != _API_VERSION:
        raise CannotFetch(
            f"{shown(page.address)} has version {shown(str(version))} of the simple API, and only 1"
            " is known."
        )


def _no_page(page: Page) -> CannotFetch:
    return CannotFetch(f"{shown(page.address)} is no page of the simple API.")
