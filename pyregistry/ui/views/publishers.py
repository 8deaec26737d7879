"""The pages that say whose jobs a project trusts to publish."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.api.callers import granter_of
from pyregistry.authnz.permissions import Permissions
from pyregistry.resources.pages.tokens import NewPublisherPage, PublisherRemovalPage
from pyregistry.trusted_publishing.models import TrustedPublisher
from pyregistry.trusted_publishing.services.publishers import (
    NewPublisher,
    add_publisher,
    find_publisher,
    remove_publisher,
)
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.grants import check_confirmed_by_button
from pyregistry.ui.publishers import REF_TYPES, SYSTEMS, claims_in, issuers_for
from pyregistry.ui.submissions import NOTHING_SENT, Attempt, Sent, attempt, done, read_form
from pyregistry.ui.tokens import TEMPLATES, TOKENS, shown_publisher, tokens_page


@view_config(
    context=NewPublisherPage,
    request_method="GET",
    permission=Permissions.TRUSTED_PUBLISHERS_MANAGE,
    renderer=f"{TEMPLATES}add_publisher.jinja2",
)
def ask_for_publisher(context: NewPublisherPage, request: Request) -> dict[str, Any]:
    """The form for a new trusted publisher."""
    return _form(context, request)


@view_config(
    context=NewPublisherPage,
    request_method="POST",
    permission=Permissions.TRUSTED_PUBLISHERS_MANAGE,
    renderer=f"{TEMPLATES}add_publisher.jinja2",
)
def add(context: NewPublisherPage, request: Request) -> Any:
    """Trust jobs of a system, or show the form again."""
    sent, by, namespace = read_form(request), granter_of(request), context.namespace
    issuers = request.components.issuer_keys.issuers

    def change() -> str:
        claims = claims_in(SYSTEMS[context.system], sent)
        wanted = NewPublisher(sent.text("name"), sent.text("issuer"), claims)
        publisher = add_publisher(request.db, namespace.id, wanted, issuers, by, request.now)
        return f"The jobs of “{publisher.name}” may publish here now."

    tried = attempt(request, change)
    if tried.result is None:
        return _form(context, request, sent, tried)
    return done(request, Addresses(request).page(namespace.full_path, TOKENS), tried.result)


@view_config(
    context=PublisherRemovalPage,
    request_method="GET",
    permission=Permissions.TRUSTED_PUBLISHERS_MANAGE,
    renderer=f"{TEMPLATES}remove_publisher.jinja2",
)
def ask_to_remove(context: PublisherRemovalPage, request: Request) -> dict[str, Any]:
    """Ask whether jobs shall be trusted no more. Raises `PublisherNotFound`."""
    return _removal(context, request, _found(context), Attempt())


@view_config(
    context=PublisherRemovalPage,
    request_method="POST",
    permission=Permissions.TRUSTED_PUBLISHERS_MANAGE,
    renderer=f"{TEMPLATES}remove_publisher.jinja2",
)
def remove(context: PublisherRemovalPage, request: Request) -> Any:
    """Trust jobs no more, and end those that were let in. Raises `PublisherNotFound`."""
    sent, by, namespace = read_form(request), granter_of(request), context.namespace
    publisher = _found(context)
    name = publisher.name

    def change() -> str:
        check_confirmed_by_button(sent)
        remove_publisher(request.db, namespace.id, context.publisher_id, by, request.now)
        return f"The jobs of “{name}” may not publish here any more."

    tried = attempt(request, change)
    if tried.result is None:
        return _removal(context, request, publisher, tried)
    return done(request, Addresses(request).page(namespace.full_path, TOKENS), tried.result)


def _found(context: PublisherRemovalPage) -> TrustedPublisher:
    return find_publisher(context.request.db, context.namespace.id, context.publisher_id)


def _form(
    context: NewPublisherPage,
    request: Request,
    sent: Sent = NOTHING_SENT,
    tried: Attempt[Any] | None = None,
) -> dict[str, Any]:
    system = SYSTEMS[context.system]
    issuers = issuers_for(system, request.components.issuer_keys.issuers)
    page = tokens_page(context, request, f"Trust {system.name}", sent, tried)
    if tried is None:
        # Whoever may push any branch could publish else.
        page["sent"] = {"ref_protected": "1"}
    return {
        **page,
        "system": system,
        "issuers": [(issuer, issuer) for issuer in issuers],
        "ref_types": REF_TYPES,
    }


def _removal(
    context: PublisherRemovalPage,
    request: Request,
    publisher: TrustedPublisher,
    tried: Attempt[Any],
) -> dict[str, Any]:
    page = tokens_page(context, request, "Remove trusted publisher", tried=tried)
    return {**page, "shown": shown_publisher(publisher)}
