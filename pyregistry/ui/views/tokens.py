"""The pages that list access tokens, deploy tokens and trusted publishers."""

from typing import Any, Final

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.authnz.permissions import Permissions
from pyregistry.resources.pages.tokens import (
    AccessTokensPlace,
    DeployTokensPlace,
    EndedAccessTokensPage,
    EndedDeployTokensPage,
    OfTokenKind,
    TokensPage,
)
from pyregistry.tokens.services.selection import Selection, find_token, tokens_slice
from pyregistry.trusted_publishing.services.publishers import publishers_slice
from pyregistry.ui.grants import reason_against
from pyregistry.ui.handovers import take_over
from pyregistry.ui.new_tokens import NEW_TOKEN, new_token_page
from pyregistry.ui.publishers import SYSTEMS, issuers_for
from pyregistry.ui.tabs import namespace_page
from pyregistry.ui.tokens import (
    ACCESS,
    DEPLOY,
    TEMPLATES,
    TOKENS,
    TokenKind,
    TokenList,
    shown_publisher,
    token_list,
    tokens_page,
)
from pyregistry.ui.views.paging import part_of, window_after

_LENGTH: Final = 25
"""Of each list: there are three on one page."""


@view_config(
    context=TokensPage,
    request_method="GET",
    permission=Permissions.TOKENS_READ,
    renderer=f"{TEMPLATES}list.jinja2",
)
def list_tokens(context: TokensPage, request: Request) -> dict[str, Any]:
    """The tokens that are valid, and whom a project trusts; first, once, a token that is new."""
    made = take_over(request)
    if made is not None:
        kinds = AccessTokensPlace.kinds | DeployTokensPlace.kinds
        here = Selection(kinds, namespace_id=context.namespace.id)
        token = find_token(request.db, here, made["token"]).token
        request.override_renderer = NEW_TOKEN
        return new_token_page(context, request, token, made["secret"])
    lists = [
        _listed(context, ACCESS, AccessTokensPlace.kinds, active=True, parameter="access_after"),
        _listed(context, DEPLOY, DeployTokensPlace.kinds, active=True, parameter="deploy_after"),
    ]
    return {
        **namespace_page(context, request, TOKENS),
        **_publishers(context, request),
        "lists": lists,
        "asked": frozenset(request.GET),
    }


@view_config(
    context=EndedAccessTokensPage,
    request_method="GET",
    permission=Permissions.TOKENS_READ,
    renderer=f"{TEMPLATES}ended.jinja2",
)
@view_config(
    context=EndedDeployTokensPage,
    request_method="GET",
    permission=Permissions.TOKENS_READ,
    renderer=f"{TEMPLATES}ended.jinja2",
)
def list_ended(context: OfTokenKind, request: Request) -> dict[str, Any]:
    """The tokens that were revoked or have expired."""
    kind = ACCESS if isinstance(context, EndedAccessTokensPage) else DEPLOY
    return {
        **tokens_page(context, request, f"Revoked and expired {kind.label}s"),
        "list": _listed(context, kind, context.selection.kinds, active=False, parameter="after"),
        "is_first": "after" not in request.GET,
    }


def _listed(
    context: TokensPage | OfTokenKind,
    kind: TokenKind,
    kinds: frozenset[Any],
    *,
    active: bool,
    parameter: str,
) -> TokenList:
    request = context.request
    selection = Selection(kinds, namespace_id=context.namespace.id)
    found = part_of(
        lambda window: tokens_slice(
            request.db, selection, request.now, window, active=active, newest_first=True
        ),
        window_after(request, parameter, _LENGTH),
    )
    return token_list(context, kind, found)


def _publishers(context: TokensPage, request: Request) -> dict[str, Any]:
    """Whom a project trusts, for who may know it; a group trusts nobody."""
    may_read = request.has_permission(Permissions.TRUSTED_PUBLISHERS_READ, context)
    if not context.namespace.is_project or not may_read:
        return {"publishers": None}
    found = part_of(
        lambda window: publishers_slice(request.db, context.namespace.id, window),
        window_after(request, "publishers_after", _LENGTH),
    )
    issuers = request.components.issuer_keys.issuers
    return {
        "publishers": found.with_rows(
            [shown_publisher(each.publisher, each.creator) for each in found.rows]
        ),
        "cannot_trust": reason_against(request, Permissions.TRUSTED_PUBLISHERS_MANAGE, context),
        "systems": [system for system in SYSTEMS.values() if issuers_for(system, issuers)],
    }
