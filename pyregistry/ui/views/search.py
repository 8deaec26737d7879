"""Finding packages by words: everywhere, and in a group."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Invalid, Refusal
from pyregistry.packaging.search_texts import search_words
from pyregistry.packaging.services.searching import FoundPackage, search_packages
from pyregistry.packaging.services.subtree_packages import subtree_packages
from pyregistry.resources.base import viewer_of
from pyregistry.resources.pages.search import GroupPackagesPage, SearchPage
from pyregistry.sentences import plural
from pyregistry.slices import Slice, Window
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.breadcrumbs import Crumb
from pyregistry.ui.forms import query_text
from pyregistry.ui.tabs import OVERVIEW, namespace_page
from pyregistry.ui.views.paging import part_of

PAGE_LENGTH: Final = 25
_LONGEST_TEXT: Final = 1000
"""Of what is shown again in the form: searches are shorter."""

Found = Slice[FoundPackage]
_NOTHING: Final[Found] = Slice([], follows=False)


@dataclass(frozen=True, slots=True)
class AskedSearch:
    """What the address of a search asks for: the words as typed, and where its page begins."""

    text: str = ""
    words: tuple[str, ...] = ()
    after: str = ""
    refusal: Refusal | None = None
    """Why it cannot be looked for; then there are no words."""

    @classmethod
    def read(cls, request: Request) -> "AskedSearch":
        """What the query of the request asks for. Raises `Invalid` for what is no text."""
        text, after = query_text(request, "q").strip(), query_text(request, "after")
        try:
            return cls(text, search_words(text), after)
        except Invalid as refusal:
            return cls(text[:_LONGEST_TEXT], refusal=refusal)


@dataclass(frozen=True, slots=True)
class ShownSearch:
    """A search with what it found, as pages show it."""

    asked: AskedSearch
    found: Found = field(default=_NOTHING)
    first_page: str = ""
    next_page: str = ""

    @property
    def summary(self) -> str:
        """How many there are, in a sentence that can be read aloud."""
        count = len(self.found.rows)
        if self.asked.refusal is not None:
            return self.asked.refusal.sentence
        if self.found.follows or self.asked.after:
            return f"{plural(count, 'package')} on this page" + (
                ", and there are more." if self.found.follows else "."
            )
        if count:
            return f"{plural(count, 'package')}."
        return "No package fits." if self.asked.words else "There is no package that you may read."


@view_config(
    context=SearchPage,
    request_method="GET",
    permission=Permissions.HOME_READ,
    renderer="pyregistry:ui/templates/search/show.jinja2",
)
def show_search(_context: SearchPage, request: Request) -> dict[str, Any]:
    """The packages that the visitor may read and that fit, best first."""
    addresses, asked = Addresses(request), AskedSearch.read(request)

    def fetch(window: Window) -> Found:
        return search_packages(
            request.db, viewer_of(request), asked.words, size=window.size, cursor=window.cursor
        )

    def address(**query: str) -> str:
        return addresses.instance_page("search", **query)

    return {
        "search": _shown(request, asked, fetch, address),
        "crumbs": [Crumb("Search", address(q=asked.text))],
    }


@view_config(
    context=GroupPackagesPage,
    request_method="GET",
    permission=Permissions.GROUP_READ,
    renderer="pyregistry:ui/templates/search/group.jinja2",
)
def show_group_packages(context: GroupPackagesPage, request: Request) -> dict[str, Any]:
    """The packages in a group that the visitor may read: all by name, or those that fit."""
    addresses, group, viewer = Addresses(request), context.namespace, viewer_of(request)
    asked = AskedSearch.read(request)

    def fetch(window: Window) -> Found:
        size, cursor = window.size, window.cursor
        if not asked.words:
            return subtree_packages(request.db, viewer, group.id, size=size, cursor=cursor)
        return search_packages(
            request.db, viewer, asked.words, size=size, cursor=cursor, namespace_id=group.id
        )

    def address(**query: str) -> str:
        return addresses.page(group.full_path, "packages", **query)

    page = namespace_page(context, request, OVERVIEW)
    page["crumbs"].append(Crumb("Packages", address()))
    return {**page, "search": _shown(request, asked, fetch, address)}


def _shown(
    request: Request,
    asked: AskedSearch,
    fetch: Callable[[Window], Found],
    address: Callable[..., str],
) -> ShownSearch:
    """Look, unless what is asked for cannot be looked for: then the form is shown again."""
    if asked.refusal is not None:
        request.response.status = int(asked.refusal.status)
        return ShownSearch(asked)
    found = part_of(fetch, Window(PAGE_LENGTH, by_key=True, cursor=asked.after or None))
    return ShownSearch(
        asked,
        found,
        first_page=address(q=asked.text) if asked.after else "",
        next_page=address(q=asked.text, after=found.cursor) if found.cursor else "",
    )
