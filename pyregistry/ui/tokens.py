"""What the pages of tokens and trusted publishers show."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from pyramid.request import Request

from pyregistry.authnz.permissions import CredentialKind, Permissions, Scope
from pyregistry.errors import Invalid
from pyregistry.resources.base import OfNamespace
from pyregistry.resources.namespaces import authority_at
from pyregistry.slices import Slice
from pyregistry.tokens.services.selection import ListedToken
from pyregistry.trusted_publishing.models import TrustedPublisher
from pyregistry.ui.breadcrumbs import Crumb
from pyregistry.ui.grants import day_in, reason_against
from pyregistry.ui.submissions import NOTHING_SENT, Attempt, Sent
from pyregistry.ui.tabs import namespace_page

TOKENS: Final = "tokens"
"""The segment of these pages."""
TEMPLATES: Final = "pyregistry:ui/templates/tokens/"

USUAL_LIFETIME: Final = timedelta(days=365)
"""What the form of a new token proposes, or less where the settings permit less."""


@dataclass(frozen=True, slots=True)
class TokenKind:
    """Access tokens or deploy tokens, as the pages speak of them."""

    segment: str
    label: str
    manage: Permissions
    scopes: tuple[tuple[Scope, str], ...]
    """Those that a form offers, with what they are for."""


ACCESS: Final = TokenKind(
    "access",
    "access token",
    Permissions.ACCESS_TOKENS_MANAGE,
    (
        (Scope.READ_API, "Read: install packages and ask the API, without changing anything."),
        (Scope.API, "Everything that the role may do: publish packages, too, for instance."),
    ),
)
DEPLOY: Final = TokenKind(
    "deploy",
    "deploy token",
    Permissions.DEPLOY_TOKENS_MANAGE,
    (
        (Scope.READ_PACKAGE_REGISTRY, "Install packages."),
        (Scope.WRITE_PACKAGE_REGISTRY, "Publish packages. It cannot install them by itself."),
    ),
)


@dataclass(frozen=True, slots=True)
class ShownToken:
    """A token in a list, and whether the visitor may rotate and revoke it."""

    listed: ListedToken
    may_change: bool


@dataclass(frozen=True, slots=True)
class TokenList:
    """One of the lists of tokens. `cannot_manage` says why the visitor may change none of it."""

    kind: TokenKind
    tokens: Slice[ShownToken]
    cannot_manage: str


@dataclass(frozen=True, slots=True)
class ShownPublisher:
    """A trusted publisher, with the claims that it demands as JSON writes their values.

    `creator` is the user name of who added it, where a list tells that.
    """

    publisher: TrustedPublisher
    claims: list[tuple[str, str]]
    creator: str | None = None


def kind_of(kind: str) -> TokenKind:
    """What pages call the tokens of a `CredentialKind`."""
    return DEPLOY if kind == CredentialKind.DEPLOY_TOKEN else ACCESS


def token_list(context: OfNamespace, kind: TokenKind, found: Slice[ListedToken]) -> TokenList:
    """A list of tokens with what the visitor may do with each."""
    cannot_manage = reason_against(context.request, kind.manage, context)
    authority = authority_at(context)

    def may_change(listed: ListedToken) -> bool:
        return not cannot_manage and (listed.role is None or authority.reaches(listed.role))

    rows = [ShownToken(listed, may_change(listed)) for listed in found.rows]
    return TokenList(kind, found.with_rows(rows), cannot_manage)


def shown_publisher(publisher: TrustedPublisher, creator: str | None = None) -> ShownPublisher:
    """A trusted publisher as the pages show it."""
    claims = [
        (name, json.dumps(value, ensure_ascii=False)) for name, value in publisher.claims.items()
    ]
    return ShownPublisher(publisher, claims, creator)


def tokens_page(
    context: OfNamespace,
    request: Request,
    title: str,
    sent: Sent = NOTHING_SENT,
    tried: Attempt[Any] | None = None,
) -> dict[str, Any]:
    """What a page below the tokens shows: what was typed, and why it was refused."""
    shared = namespace_page(context, request, TOKENS)
    shared["crumbs"].append(Crumb(title, request.path))
    return {
        **shared,
        **bounds_of_end(request),
        "title": title,
        "sent": sent.shown(),
        "chosen": sent.chosen("scopes"),
        "refusal": tried.refusal if tried is not None else None,
    }


def longest_lifetime(request: Request) -> timedelta | None:
    """The longest time for which the settings let a token be valid; None: for ever."""
    longest: timedelta | None = request.components.settings.tokens_max_lifetime
    return longest


def bounds_of_end(request: Request) -> dict[str, Any]:
    """Between which days a token may end, as the forms show it; `last_day` None: any."""
    longest = longest_lifetime(request)
    return {
        "tomorrow": request.now.date() + timedelta(days=1),
        "last_day": (request.now + longest).date() if longest is not None else None,
        "longest_days": longest.days if longest is not None else None,
    }


def scopes_in(
    sent: Sent, offered: Iterable[tuple[Scope, str]], label: str = "token"
) -> frozenset[Scope]:
    """Those of the offered scopes that were chosen. Raises `Invalid` for none, and any other."""
    possible = {scope.value: scope for scope, _ in offered}
    chosen = sent.chosen("scopes")
    if not chosen or not possible.keys() >= set(chosen):
        raise Invalid(f"Choose what the {label} may be used for.", about="scopes")
    return frozenset(possible[name] for name in chosen)


def usual_end(request: Request) -> date:
    """The day on which a new token ends, unless the visitor chooses another."""
    longest = longest_lifetime(request)
    lifetime = USUAL_LIFETIME if longest is None else min(USUAL_LIFETIME, longest)
    end: datetime = request.now + lifetime
    return end.date()


def end_in(sent: Sent) -> datetime | None:
    """The moment at which the chosen day begins, in UTC; None without. Raises `Invalid`."""
    day = day_in(sent, "ends_on")
    return None if day is None else datetime.combine(day, time(), UTC)
