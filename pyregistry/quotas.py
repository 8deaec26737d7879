"""Limits of requests, as callers meet them: counted before anything is looked up for them.

The headers are those of GitLab's answers, and so is 429 with `Retry-After`: its clients wait.
"""

from collections.abc import MutableMapping
from datetime import datetime
from email.utils import formatdate
from typing import Any, Final

from pyramid.config import Configurator
from pyramid.events import BeforeTraversal
from pyramid.request import Request

from pyregistry.authnz.identity import Identity
from pyregistry.components import Components
from pyregistry.errors import TooManyRequests
from pyregistry.http.addresses import is_json_api, is_note_of_a_copy, is_package_traffic
from pyregistry.http.page_validators import is_question, was_told
from pyregistry.throttling.requests import Limits, Quota, RequestLimit, RequestLimits
from pyregistry.throttling.throttle import network_of, wait_in_words

PREFIX: Final = "RateLimit-"
"""Of the headers that tell of a limit."""

_COUNTED: Final = "pyregistry.quota"
"""Where the environ has what the request has used of its limit, from its first attempt."""


def count_request(event: BeforeTraversal) -> None:
    """Count a request, where there is a limit for it; the answer will say what is left.

    Who asks is asked of the database, and nothing else; the body is not read. Wrong
    credentials have a limit of their own. A request that is tried again is counted once. Raises
    `TooManyRequests`, `InvalidCredentials`.
    """
    request = event.request
    # A question is counted when it is answered; else the request follows it, and is counted.
    if not is_question(request.environ):
        _count(request)


def count_question(request: Request) -> None:
    """Count a proxy's question for a page as the client's request for it.

    Raises `TooManyRequests`.
    """
    _count(request)


def _count(request: Request) -> None:
    components: Components = request.components
    limits = components.request_limits
    if not _limits_of(limits, request.environ.get("PATH_INFO", "")):
        return
    quota = count_known(request.environ, limits, request.identity, request.now)
    if quota is None:
        return
    request.add_response_callback(lambda _request, response: response.headers.update(told(quota)))
    if quota.is_exceeded:
        wait = wait_in_words(quota.retry_after)
        raise TooManyRequests(
            f"You may send {quota.limit} such requests in a period: try again in {wait}.",
            quota.retry_after,
        )


def count_known(
    environ: MutableMapping[str, Any],
    limits: RequestLimits,
    identity: Identity | None,
    now: datetime,
) -> Quota | None:
    """Count a request of somebody who is known already, once; what it has used of its limit.

    None where there is no limit, and where the request was counted as a proxy's question for the
    same page. Nobody is refused here.
    """
    counted_by = _limits_of(limits, environ.get("PATH_INFO", ""))
    if not counted_by or was_told(environ):
        return None
    if _COUNTED not in environ:
        limit, caller = _counted_by(counted_by, identity, environ.get("REMOTE_ADDR"))
        if limit is None or caller is None:
            return None
        environ[_COUNTED] = limits.count(limit, caller, now)
    quota: Quota | None = environ[_COUNTED]
    return quota


def _limits_of(limits: RequestLimits, path_info: str) -> Limits | None:
    if limits.api and is_json_api(path_info):
        return limits.api
    if limits.packages and is_package_traffic(path_info):
        return limits.packages
    if limits.copies and is_note_of_a_copy(path_info):
        return limits.copies
    return None


def _counted_by(
    limits: Limits, identity: Identity | None, address: str | None
) -> tuple[RequestLimit | None, str | None]:
    """The limit for the caller, and what they are counted as; None for nothing."""
    if identity is None:
        return limits.per_address, network_of(address)
    return limits.per_identity, _name_of(identity)


def _name_of(identity: Identity) -> str:
    """What an identity is counted as, whatever credential of theirs is sent."""
    if identity.user_id is not None:
        return f"user:{identity.user_id}"
    # Who makes more tokens of a project gets no more room.
    return f"{identity.credential.kind}:{identity.namespace_id}"


def told(quota: Quota) -> dict[str, str]:
    """The headers that tell of a limit."""
    headers = {
        "RateLimit-Limit": str(quota.limit),
        "RateLimit-Name": quota.name,
        "RateLimit-Observed": str(quota.observed),
        "RateLimit-Remaining": str(quota.remaining),
        "RateLimit-Reset": str(quota.resets_at),
    }
    if quota.is_exceeded:
        headers["RateLimit-ResetTime"] = formatdate(quota.resets_at, usegmt=True)
    return headers


def includeme(config: Configurator) -> None:
    """Count every request before the tree is asked for anything; `request.count_question`."""
    config.add_subscriber(count_request, BeforeTraversal)
    config.add_request_method(count_question)
