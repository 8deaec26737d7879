"""What the endpoints of tokens have in common: their parameters and their answers."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

from pyramid.request import Request

from pyregistry.api.paging import shown_slice, window_of
from pyregistry.api.token_filters import token_filter_of
from pyregistry.authnz.permissions import KIND_SCOPES, CredentialKind, Scope
from pyregistry.errors import Invalid
from pyregistry.http.caching import describe_read, describe_secret
from pyregistry.http.parameters import (
    optional_boolean,
    optional_day,
    optional_text,
    read_parameters,
)
from pyregistry.resources.api_tokens import NamedToken
from pyregistry.tokens.errors import TokenNotFound
from pyregistry.tokens.models import Token
from pyregistry.tokens.services.change import Renewal
from pyregistry.tokens.services.selection import ListedToken, Selection, find_token, tokens_slice

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.]+(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?")


Present = Callable[[ListedToken, datetime], dict[str, Any]]


def listed_tokens(request: Request, selection: Selection, present: Present) -> list[dict[str, Any]]:
    """The page of the selected tokens that is asked for. Raises `Invalid`."""
    selection = replace(selection, chosen=token_filter_of(request))
    window = window_of(request)
    tokens = tokens_slice(request.db, selection, request.now, window, active=active_in(request))
    describe_read(request)
    return [present(token, request.now) for token in shown_slice(request, window, tokens)]


def shown_token(
    request: Request, selection: Selection, token_id: int, present: Present
) -> dict[str, Any]:
    """One of the selected tokens. Raises `TokenNotFound`."""
    found = find_token(request.db, selection, token_id)
    describe_read(request)
    return present(found, request.now)


def token_with_secret(
    request: Request, selection: Selection, token: tuple[Token, str], present: Present
) -> dict[str, Any]:
    """A token that was just made, with its secret: this once."""
    describe_secret(request)
    made, secret = token
    found = find_token(request.db, selection, made.id)
    return {**present(found, request.now), "token": secret}


def id_of(token: NamedToken) -> int:
    """The id in the address. Raises `TokenNotFound` for what can be none."""
    if token.token_id is None:
        raise TokenNotFound
    return token.token_id


def name_in(parameters: dict[str, Any]) -> str:
    """The parameter `name`, empty where it is not given. Raises `Invalid` for what is no text."""
    return optional_text(parameters, "name") or ""


def scopes_in(parameters: dict[str, Any], kind: CredentialKind) -> frozenset[Scope]:
    """The parameter `scopes`: a list in JSON; in a form `scopes[]` several times, or with commas.

    Raises `Invalid` for what is no scope of a token of that kind.
    """
    given = parameters.get("scopes")
    if isinstance(given, str):
        given = given.replace(",", " ").split()
    possible = {str(scope): scope for scope in KIND_SCOPES[kind]}
    if not isinstance(given, list) or not all(
        isinstance(scope, str) and scope in possible for scope in given
    ):
        raise Invalid(f"The parameter scopes must be a list out of: {', '.join(sorted(possible))}.")
    return frozenset(possible[scope] for scope in given)


def day_in(parameters: dict[str, Any]) -> datetime | None:
    """The moment at which the day `expires_at` begins in UTC, None without. Raises `Invalid`."""
    day = optional_day(parameters, "expires_at")
    return None if day is None else datetime.combine(day, time(), UTC)


def moment_in(parameters: dict[str, Any]) -> datetime | None:
    """The moment `expires_at`, in UTC where it names no zone; a date is where it begins.

    None where it is not given. Raises `Invalid`.
    """
    text = optional_text(parameters, "expires_at")
    if not text:
        return None
    moment = _moment(text)
    if moment is None:
        raise Invalid(
            "The parameter expires_at must be a date, or a time such as 2030-12-31T12:00:00Z."
        )
    return moment


def renewal_in(request: Request, *, with_time: bool = False) -> Renewal:
    """Until when a rotation shall make a token valid: the parameter `expires_at`, if given.

    Raises `Invalid`.
    """
    parameters = read_parameters(request)
    end = moment_in(parameters) if with_time else day_in(parameters)
    return Renewal(end, request.components.settings.tokens_max_lifetime)


def active_in(request: Request) -> bool | None:
    """Whether a list is asked for valid tokens, or others: `state` in the query, else both.

    GitLab's lists of deploy tokens have `active` instead: where it is true, the
    valid ones are asked for. Raises `Invalid`.
    """
    state: str | None = request.GET.get("state")
    if state is None:
        return optional_boolean(dict(request.GET), "active") or None
    if state not in ("active", "inactive"):
        raise Invalid("The parameter state must be active or inactive.")
    return state == "active"


def _moment(text: str) -> datetime | None:
    if not _MOMENT.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None  # the 31st of February
