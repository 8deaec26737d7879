"""Rendered pages, kept in the process."""

import gzip
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Final

from pyregistry.http.conditional import accepts_gzip, gzip_etag

COMPRESS_FROM: Final = 1024
"""Bytes; a smaller page fits into one network packet anyhow."""

_COMPRESSION_LEVEL: Final = 6
_LARGEST_SHARE: Final = 4
_ENTRY_OVERHEAD: Final = 512


@dataclass(frozen=True, slots=True)
class Variant:
    """What one client gets of a page: the body and the headers that belong to it.

    A 304 carries the same `etag` as the 200 that it replaces (RFC 9110
    section 15.4.5): clients store it beside the body that they hold.
    """

    body: bytes
    etag: str
    content_encoding: str | None


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """The bytes of a page, plain and compressed (where that is worth while).

    `etag` is the entity-tag of the plain bytes, with its quotes.
    """

    body: bytes
    gzip_body: bytes | None
    etag: str
    content_type: str

    def variant(self, accept_encoding: str | None) -> Variant:
        """The compressed page where there is one and the client takes it, else the plain one."""
        if self.gzip_body is not None and accepts_gzip(accept_encoding):
            return Variant(self.gzip_body, gzip_etag(self.etag), "gzip")
        return Variant(self.body, self.etag, None)


def make_rendered_page(body: bytes, etag: str, content_type: str) -> RenderedPage:
    """The page with its compressed variant; the same body gives the same bytes every time."""
    gzip_body = None
    if len(body) >= COMPRESS_FROM:
        # A time stamp would make every process send other bytes under one entity-tag.
        compressed = gzip.compress(body, compresslevel=_COMPRESSION_LEVEL, mtime=0)
        gzip_body = compressed if len(compressed) < len(body) else None
    return RenderedPage(body, gzip_body, etag, content_type)


class PageCache:
    """The pages used last, up to `max_bytes`; safe to use from several threads.

    A page is valid for one validator (the serial it was rendered at) and no
    other. A page larger than a quarter of the cache is not kept, so that one
    page never drives out all others. 0 bytes turn the cache off. `looked_up` is told of every
    look into the cache whether the page was there.
    """

    def __init__(
        self, max_bytes: int, looked_up: Callable[[bool], object] = lambda _found: None
    ) -> None:
        self._max_bytes = max_bytes
        self._looked_up = looked_up
        self._total_bytes = 0
        self._pages: OrderedDict[Hashable, tuple[Hashable, RenderedPage]] = OrderedDict()
        self._lock = Lock()

    @property
    def total_bytes(self) -> int:
        """What the kept pages take: their bytes and a little for each entry."""
        return self._total_bytes

    def __len__(self) -> int:
        return len(self._pages)

    def get(self, key: Hashable, validator: Hashable) -> RenderedPage | None:
        """The page under `key`, or nothing where none is kept for this very validator."""
        found = self._find(key, validator)
        self._looked_up(found is not None)
        return found

    def _find(self, key: Hashable, validator: Hashable) -> RenderedPage | None:
        with self._lock:
            entry = self._pages.get(key)
            if entry is None or entry[0] != validator:
                return None
            self._pages.move_to_end(key)
            return entry[1]

    def put(self, key: Hashable, validator: Hashable, page: RenderedPage) -> None:
        """Keep the page instead of the one under `key`, at the cost of those used longest ago."""
        size = _size(page)
        with self._lock:
            replaced = self._pages.pop(key, None)
            if replaced is not None:
                self._total_bytes -= _size(replaced[1])
            if size * _LARGEST_SHARE > self._max_bytes:
                return
            self._pages[key] = (validator, page)
            self._total_bytes += size
            while self._total_bytes > self._max_bytes:
                _, (_, oldest) = self._pages.popitem(last=False)
                self._total_bytes -= _size(oldest)


def _size(page: RenderedPage) -> int:
    return len(page.body) + len(page.gzip_body or b"") + _ENTRY_OVERHEAD
