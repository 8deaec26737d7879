"""The page that shows a new token of a group or project, once."""

from typing import Any, Final

from pyramid.request import Request

from pyregistry.resources.base import OfNamespace
from pyregistry.tokens.models import Token
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.token_examples import examples_of
from pyregistry.ui.tokens import TEMPLATES, kind_of, tokens_page

NEW_TOKEN: Final = f"{TEMPLATES}created.jinja2"


def new_token_page(
    context: OfNamespace, request: Request, token: Token, secret: str
) -> dict[str, Any]:
    """The token with its secret, and what to put it into: for the template `NEW_TOKEN`."""
    kind, addresses = kind_of(token.kind), Addresses(request)
    return {
        **tokens_page(context, request, f"New {kind.label}"),
        "kind": kind,
        "token": token,
        "secret": secret,
        "examples": examples_of(addresses, context.namespace, token.scopes, secret, token.username),
    }
