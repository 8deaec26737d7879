"""The list of a project's packages, as its address asks for it and the page shows it.

All that is chosen stands in the query, so that the address can be shared: `q` (words),
`status`, `sort` (an order, with a `-` before it for the other way round) and `after` (where a
later page begins).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pyramid.request import Request

from pyregistry.errors import Invalid
from pyregistry.packaging.models import PackageStatus
from pyregistry.packaging.search_texts import search_words
from pyregistry.packaging.services.pages import PackageOrder, PackageQuery
from pyregistry.slices import Window
from pyregistry.ui.forms import query_text
from pyregistry.ui.views.paging import PAGE_LENGTH, window_after

_DESCENDING: Final = "-"

_COLUMNS: Final = {
    PackageOrder.NAME: "Package",
    PackageOrder.VERSION: "Latest version",
    PackageOrder.PUBLISHED: "Published",
    PackageOrder.SIZE: "Size",
    PackageOrder.PULLS: "Pulls",
}
_GREATEST_FIRST: Final = frozenset(PackageOrder) - {PackageOrder.NAME}
"""By which people look for the newest, the largest, the most pulled."""


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column: a link that puts the list in its order, or turns it round."""

    label: str
    address: str
    aria_sort: str | None
    """`ascending` or `descending` where the list is in this order."""


@dataclass(frozen=True, slots=True)
class AskedPackages:
    """What the address of a list of packages asks for."""

    text: str = ""
    status: PackageStatus | None = None
    order: PackageOrder = PackageOrder.NAME
    descending: bool = False
    after: str = ""

    @classmethod
    def read(cls, request: Request) -> "AskedPackages":
        """What the query of the request asks for. Raises `Invalid`."""
        order, descending = _sort(query_text(request, "sort"))
        asked = cls(
            query_text(request, "q").strip(),
            _status(query_text(request, "status")),
            order,
            descending,
            window_after(request).cursor or "",
        )
        search_words(asked.text)
        return asked

    @property
    def query(self) -> PackageQuery:
        """The same for the service."""
        return PackageQuery(search_words(self.text), self.status, self.order, self.descending)

    @property
    def window(self) -> Window:
        """The part of the list."""
        return Window(PAGE_LENGTH, by_key=True, cursor=self.after or None)

    @property
    def is_filtered(self) -> bool:
        """Whether packages are left out."""
        return bool(self.text) or self.status is not None

    @property
    def sort(self) -> str:
        """The order as the address spells it; empty for the usual one."""
        return _spelled(self.order, descending=self.descending)

    def parameters(self, *, sort: str | None = None, after: str = "") -> dict[str, str]:
        """The query of the same list in another order, or from another place on."""
        return {
            "q": self.text,
            "status": self.status.value if self.status else "",
            "sort": self.sort if sort is None else sort,
            "after": after,
        }

    def columns(self, address: Callable[[dict[str, str]], str]) -> list[Column]:
        """The heads of the columns; `address` makes an address of a query."""
        return [
            Column(label, address(self.parameters(sort=self._next(order))), self._aria_sort(order))
            for order, label in _COLUMNS.items()
        ]

    def _next(self, order: PackageOrder) -> str:
        descending = not self.descending if order is self.order else order in _GREATEST_FIRST
        return _spelled(order, descending=descending)

    def _aria_sort(self, order: PackageOrder) -> str | None:
        if order is not self.order:
            return None
        return "descending" if self.descending else "ascending"


def _sort(text: str) -> tuple[PackageOrder, bool]:
    descending = text.startswith(_DESCENDING)
    try:
        order = PackageOrder(text.removeprefix(_DESCENDING)) if text else PackageOrder.NAME
    except ValueError:
        orders = ", ".join(PackageOrder)
        raise Invalid(
            f"The list cannot be sorted like that: sort is one of {orders}, with a - before it "
            "for the other way round."
        ) from None
    return order, descending


def _status(text: str) -> PackageStatus | None:
    try:
        return PackageStatus(text) if text else None
    except ValueError:
        statuses = ", ".join(PackageStatus)
        raise Invalid(f"There is no such status: status is one of {statuses}.") from None


def _spelled(order: PackageOrder, *, descending: bool) -> str:
    if order is PackageOrder.NAME and not descending:
        return ""
    return f"{_DESCENDING if descending else ''}{order}"
