"""What the pages of one's own access tokens say: what they are for, and where to put them."""

from collections.abc import Collection
from typing import Any, Final

from pyramid.request import Request

from pyregistry.authnz.permissions import TOKENS_OF_USERS, Scope
from pyregistry.resources.base import Resource
from pyregistry.tokens.errors import TokenNotFound
from pyregistry.tokens.models import Token
from pyregistry.tokens.services.selection import Selection
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.commands import TOKEN_USER
from pyregistry.ui.profile import TEMPLATES, profile_page
from pyregistry.ui.token_examples import Example, install_examples, publish_examples

TOKENS: Final = "tokens"
"""The segment of these pages."""
NEW_TOKEN: Final = f"{TEMPLATES}token_created.jinja2"
SCOPES: Final = (
    (Scope.READ_API, "Read: install packages and ask the API, without changing anything."),
    (Scope.API, "Everything that you may do: publish packages, too, for instance."),
)
ANY_PROJECT: Final = "GROUP/PROJECT"
"""What stands in the place of a project's path."""


def own_selection(request: Request) -> Selection:
    """The visitor's own tokens, those of an administrator as well. Raises `TokenNotFound`."""
    user_id = request.identity.user_id
    if user_id is None:
        raise TokenNotFound  # Without a user everybody's would be selected.
    return Selection(TOKENS_OF_USERS, user_id=user_id)


def examples_of_own(addresses: Addresses, scopes: Collection[str], secret: str) -> list[Example]:
    """What makes pip, uv and twine use one's own token, as far as its scopes go."""
    examples = install_examples(addresses.instance_index, TOKEN_USER, secret)
    if Scope.API in scopes:
        examples += publish_examples(addresses.upload(ANY_PROJECT), TOKEN_USER, secret)
    return examples


def new_token_page(
    context: Resource, request: Request, token: Token, secret: str
) -> dict[str, Any]:
    """One's new token with its secret, and where to put it: for the template `NEW_TOKEN`."""
    return {
        **profile_page(context, request, TOKENS, title="New token"),
        "token": token,
        "secret": secret,
        "examples": examples_of_own(Addresses(request), token.scopes, secret),
        "any_project": ANY_PROJECT,
    }
