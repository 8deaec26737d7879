"""Rendered pages, kept in the process."""

import gzip
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, replace
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

    `etag` is the entity-tag of the plain bytes, with its quotes. A large page may be kept
    without its plain bytes (None): they are unpacked for the few clients that take no others.
    """

    body: bytes | None
    gzip_body: bytes | None
    etag: str
    content_type: str

    def variant(self, accept_encoding: str | None) -> Variant:
        """The compressed page where there is one and the client takes it, else the plain one."""
        if self.gzip_body is not None and accepts_gzip(accept_encoding):
            return Variant(self.gzip_body, gzip_etag(self.etag), "gzip")
        body = gzip.decompress(self.gzip_body or b"") if self.body is None else self.body
        return Variant(body, self.etag, None)


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
    other. Of a page larger than a quarter of the cache only the compressed bytes are kept,
    and nothing where these are so large, too: one page never drives out all others. 0 bytes
    turn the cache off. `looked_up` is told of every look into the cache whether the page was
    there.
    """

    def __init__(
        self, max_bytes: int, looked_up: Callable[[bool], object] = lambda _found: None
    ) -> None:
        self._max_bytes = max_bytes
        self._looked_up = looked_up
        self._total_bytes = 0
        self._pages: OrderedDict[Hashable, tuple[Hashable, RenderedPage]] = OrderedDict()
        self._rendered_now: dict[Hashable, Future[RenderedPage | None]] = {}
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

    def page(
        self, key: Hashable, validator: Hashable, render: Callable[[], RenderedPage]
    ) -> RenderedPage:
        """The page under `key` for this very validator, rendered and kept where it is not there.

        Of several threads that ask for it at once one renders, and the others wait for that:
        large pages take long, and memory. Raises what `render` does, to the thread that
        called it; another one tries then.
        """
        kept = self.get(key, validator)
        while kept is None:
            with self._lock:
                # Between the look and the lock another thread may have kept it.
                kept = self._kept(key, validator)
                others = self._rendered_now.get((key, validator))
                if kept is None and others is None:
                    own = self._rendered_now[key, validator] = Future()
            if kept is None:
                kept = others.result() if others else self._render(key, validator, render, own)
        return kept

    def _render(
        self,
        key: Hashable,
        validator: Hashable,
        render: Callable[[], RenderedPage],
        promised: Future[RenderedPage | None],
    ) -> RenderedPage:
        page: RenderedPage | None = None
        try:
            page = render()
            self.put(key, validator, page)
        finally:
            with self._lock:
                del self._rendered_now[key, validator]
            promised.set_result(page)
        return page

    def _find(self, key: Hashable, validator: Hashable) -> RenderedPage | None:
        with self._lock:
            return self._kept(key, validator)

    def _kept(self, key: Hashable, validator: Hashable) -> RenderedPage | None:
        entry = self._pages.get(key)
        if entry is None or entry[0] != validator:
            return None
        self._pages.move_to_end(key)
        return entry[1]

    def put(self, key: Hashable, validator: Hashable, page: RenderedPage) -> None:
        """Keep the page instead of the one under `key`, at the cost of those used longest ago."""
        if self._is_too_large(page) and page.gzip_body is not None:
            page = replace(page, body=None)
        size = _size(page)
        with self._lock:
            replaced = self._pages.pop(key, None)
            if replaced is not None:
                self._total_bytes -= _size(replaced[1])
            if self._is_too_large(page):
                return
            self._pages[key] = (validator, page)
            self._total_bytes += size
            while self._total_bytes > self._max_bytes:
                _, (_, oldest) = self._pages.popitem(last=False)
                self._total_bytes -= _size(oldest)

    def _is_too_large(self, page: RenderedPage) -> bool:
        return _size(page) * _LARGEST_SHARE > self._max_bytes


def _size(page: RenderedPage) -> int:
    return len(page.body or b"") + len(page.gzip_body or b"") + _ENTRY_OVERHEAD
