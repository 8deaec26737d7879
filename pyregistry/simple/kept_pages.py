"""The body of a page that was answered before: as long as its bytes are kept."""

from collections.abc import Hashable, MutableMapping
from dataclasses import dataclass
from typing import Any

from pyramid.response import Response

from pyregistry.simple.cache import PageCache
from pyregistry.simple.services import PageIdentity


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page of the cache, in the coding that was answered."""

    pages: PageCache
    key: Hashable
    validator: Hashable
    is_compressed: bool

    @classmethod
    def of(cls, pages: PageCache, identity: PageIdentity, response: Response) -> "KeptPage":
        """The page that a response has."""
        is_compressed = response.headers.get("Content-Encoding") == "gzip"
        return cls(pages, identity.key, identity.validator, is_compressed)

    @property
    def size(self) -> int:
        """None: the cache of pages counts them."""
        return 0

    def again(self, _environ: MutableMapping[str, Any]) -> list[bytes] | None:
        """None where the bytes are not kept any more, or only in the other coding."""
        page = self.pages.get(self.key, self.validator)
        if page is None:
            return None
        body = page.gzip_body if self.is_compressed else page.body
        return None if body is None else [body]
