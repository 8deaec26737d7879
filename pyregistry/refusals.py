"""What is answered when a request is refused: 400, 401, 403, 404 and the rest.

Nobody learns from a refusal what they may not see. To a caller without
credentials everything that is not public is the same 401, whether it exists or
not; to a signed-in one it is the same 404.
"""

import logging
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from pyramid.config import Configurator
from pyramid.csrf import BadCSRFOrigin, BadCSRFToken
from pyramid.exceptions import PredicateMismatch, URLDecodeError
from pyramid.httpexceptions import (
    HTTPException,
    HTTPForbidden,
    HTTPMovedPermanently,
    HTTPNotFound,
    HTTPSeeOther,
)
from pyramid.request import Request
from pyramid.response import Response
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    OperationalError,
    PendingRollbackError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from webob.request import DisconnectionError

from pyregistry.authnz.credentials import TOKEN_HEADERS
from pyregistry.authnz.permissions import Permissions
from pyregistry.authnz.policy import InvalidCredentials, RefusedCredential, acl_permits
from pyregistry.errors import Refusal, TooManyRequests
from pyregistry.http.addresses import is_for_tools, is_json_api, is_pypi_api
from pyregistry.http.caching import VARY_PAGE, revalidated
from pyregistry.http.observation import EXCEPTION
from pyregistry.http.page_validators import is_question
from pyregistry.http.refusals import message_response, refusal_response
from pyregistry.resources.base import lineage_of
from pyregistry.resources.moved import SEEING, Moved, moved_from
from pyregistry.resources.namespaces import NamespaceResource
from pyregistry.retries import Failure, failure_of, first_line
from pyregistry.second_attempts import is_tried_again
from pyregistry.storage.errors import StorageError, StorageFull
from pyregistry.ui.errors import NoSuchPart
from pyregistry.ui.refusals import needed_for, refusal_page

logger = logging.getLogger(__name__)

SIGN_IN = "Sign in, or send a token: this is not public."
SIGN_IN_ANEW = "Send another token: the credentials are wrong, expired or revoked."
_READING = ("GET", "HEAD")
ROLE_TOO_LOW = "Your role here does not permit this: ask an owner or an administrator."
NOTHING_HERE = "There is nothing here, or you may not see it."
MOVED = "It has moved: the header Location says where it is now."
_OPTIONS = "OPTIONS"
_COUNTED = "pyregistry.failure_counted"
"""Where the environ says that the wrong credentials of the request were counted."""
_SOON = 10
"""Seconds after which what does not answer may do so again."""

_NO_ROOM = "The registry's {} is full: tell its administrator."

_SENTENCES = {
    Failure.CONFLICT: "Too many others change the same at this moment: try again soon.",
    Failure.LOST: "The registry cannot reach its database: try again soon.",
    Failure.LATE: "The registry's database has too much to do: try again soon.",
    Failure.UNKNOWN: (
        "The registry lost its database while it saved this: look whether it was saved before you"
        " send it again."
    ),
    Failure.FULL: _NO_ROOM.format("database"),
}


def forbidden(error: HTTPForbidden, request: Request) -> Response:
    """Not permitted: 401 for nobody, 404 for who may not see it, else 403 and why."""
    nobody = request.whole_identity is None
    sees = _sees(request)
    if not sees and (moved := moved_from(request)) is not None:
        return _elsewhere(request, moved)
    if nobody:
        return unauthorized(error, request)
    if not sees:
        return answer(request, HTTPStatus.NOT_FOUND, NOTHING_HERE)
    if isinstance(error.result, RefusedCredential):
        return answer(request, HTTPStatus.FORBIDDEN, str(error.result.msg))
    # Pyramid's own text names principals and access control lists: not for clients.
    permission = getattr(error.result, "permission", Permissions.NOBODY)
    return _role_too_low(request, permission)


def not_found(error: HTTPNotFound, request: Request) -> Response:
    """Nothing there: 401 for nobody where it might be hidden from them, else 404."""
    try:
        nobody = request.whole_identity is None
    except InvalidCredentials as wrong:
        return wrong_credentials(wrong, request)
    except TooManyRequests as refusal:
        return refused(refusal, request)
    sees = _sees(request)
    is_there = sees and isinstance(error, PredicateMismatch)
    if not is_there and (moved := moved_from(request)) is not None:
        return _elsewhere(request, moved)
    if nobody and (not sees or getattr(_context(request), "hides_children", False)):
        return unauthorized(error, request)
    if sees and _sees_no_packages(request):
        # What is there is forbidden: what is not there must be answered alike.
        return _role_too_low(request, Permissions.PACKAGE_READ)
    if is_there:
        return _method_not_allowed(request)
    return answer(request, HTTPStatus.NOT_FOUND, NOTHING_HERE)


def unauthorized(_error: Exception, request: Request, sentence: str = SIGN_IN) -> Response:
    """401 with a challenge; a browser that asks for a page is sent to the sign-in page."""
    sends_token = any(header in request.headers for header in TOKEN_HEADERS)
    if _wants_page(request) and not sends_token:
        query = urlencode({"return_to": request.path_qs})
        return HTTPSeeOther(request.application_url + f"/-/login?{query}")
    return answer(request, HTTPStatus.UNAUTHORIZED, sentence)


def wrong_credentials(error: InvalidCredentials, request: Request) -> Response:
    """401, counted against the address; 429 where there were too many."""
    # Behind a proxy's question comes the request itself, which is counted.
    if _COUNTED not in request.environ and not is_question(request.environ):
        try:
            request.components.throttle.token_failed(request.remote_addr)
        except TooManyRequests as refusal:
            return refused(refusal, request)
        request.environ[_COUNTED] = True
    return unauthorized(error, request, SIGN_IN_ANEW)


def refused(error: Refusal, request: Request) -> Response:
    """A service refused."""
    retry_after = error.retry_after if isinstance(error, TooManyRequests) else None
    return answer(request, error.status, error.sentence, retry_after=retry_after)


def no_such_part(error: NoSuchPart, request: Request) -> Response:
    """A list has no part that begins there: its page leads to the first one."""
    if not _wants_page(request):
        return refused(error, request)
    kept = {name: value for name, value in request.GET.items() if value != error.after}
    beginning = request.path + ("?" + urlencode(kept) if kept else "")
    return refusal_page(request, error.status, error.sentence, beginning=beginning)


def malformed_address(_error: URLDecodeError, request: Request) -> Response:
    """An address whose bytes are no UTF-8. Answered without a page: a page links to itself."""
    sentence = "The address is not valid UTF-8."
    if is_json_api(request.environ.get("PATH_INFO", "")):
        return message_response(HTTPStatus.BAD_REQUEST, sentence)
    return refusal_response(request, HTTPStatus.BAD_REQUEST, sentence)


def broken_off(_error: DisconnectionError, request: Request) -> Response:
    """A body that ended too early, or made no sense: nobody may read this, and it is no failure."""
    sentence = "The body of the request broke off: send it again."
    return answer(request, HTTPStatus.BAD_REQUEST, sentence)


def forged(_error: Exception, request: Request) -> Response:
    """A form that did not come from one of our pages."""
    sentence = "The form is too old, or came from another site: load the page again."
    return answer(request, HTTPStatus.BAD_REQUEST, sentence)


def storage_full(_error: StorageFull, request: Request) -> Response:
    """No room for an upload; nothing of it is kept."""
    logger.error("the storage is full")
    return answer(request, HTTPStatus.INSUFFICIENT_STORAGE, _NO_ROOM.format("storage"))


def unavailable(error: Exception, request: Request) -> Response:
    """The storage or the database does not answer."""
    logger.error("unavailable: %s", error)
    sentence = "The registry cannot reach its storage or database: try again soon."
    return answer(request, HTTPStatus.SERVICE_UNAVAILABLE, sentence, retry_after=_SOON)


def database_failed(error: SQLAlchemyError, request: Request) -> Response:
    """The database could not do it: 503, where it may succeed later; 507 where it has no room.

    Nobody sees the answer of an attempt that another one follows.
    """
    if is_tried_again(request, error):
        return Response(status=int(HTTPStatus.SERVICE_UNAVAILABLE))
    failure = failure_of(error)
    if failure is None:
        is_unavailable = isinstance(error, OperationalError)
        return unavailable(error, request) if is_unavailable else broken(error, request)
    logger.error("the database failed, %s: %s", failure.value, first_line(error))
    if failure is Failure.FULL:
        return answer(request, HTTPStatus.INSUFFICIENT_STORAGE, _SENTENCES[failure])
    status = HTTPStatus.SERVICE_UNAVAILABLE
    return answer(request, status, _SENTENCES[failure], retry_after=_SOON)


def conflicting(error: IntegrityError, request: Request) -> Response:
    """Two requests made the same thing at once, and the other one was first."""
    logger.warning("conflict: %s", error)
    sentence = "The same was changed at the same time by somebody else: look again, then try again."
    return answer(request, HTTPStatus.CONFLICT, sentence)


def http_exception(error: HTTPException, request: Request) -> Response:
    """Any other HTTP exception: redirects as they are, refusals in our form."""
    if error.status_int < HTTPStatus.BAD_REQUEST:
        return error
    return answer(request, HTTPStatus(error.status_int), error.detail or error.explanation)


def broken(error: Exception, request: Request) -> Response:
    """Our own mistake. The traceback is in the log, and nowhere else."""
    request.environ[EXCEPTION] = error
    logger.exception("%s %s failed", request.method, request.path)
    sentence = "The registry made a mistake; its log says which."
    return answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, sentence)


def answer(
    request: Request, status: HTTPStatus, sentence: str, *, retry_after: int | None = None
) -> Response:
    """A refusal in the form that the caller reads: a page, `{"message": …}`, or a problem.

    `retry_after` are the seconds after which to try again.
    """
    path_info = request.environ.get("PATH_INFO", "")
    if _wants_page(request):
        response = refusal_page(request, status, sentence, retry_after=retry_after)
    elif is_json_api(path_info) or is_pypi_api(path_info):
        response = message_response(status, sentence)
    else:
        response = refusal_response(request, status, sentence)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _context(request: Request) -> Any:
    return getattr(request, "context", None)


def _sees(request: Request) -> bool:
    context = _context(request)
    # Whether they may see it does not depend on the credential that they chose to send.
    return any(acl_permits(request.identity, context, permission) for permission in SEEING)


def _sees_no_packages(request: Request) -> bool:
    """Whether the caller sees a project of which they may see no package: a Guest."""
    for resource in lineage_of(_context(request)):
        if isinstance(resource, NamespaceResource):
            # Where the package registry is turned off there is none for anybody: a Guest must
            # not be told apart by that.
            place = resource.as_if_available()
            pulls = acl_permits(request.identity, place, Permissions.PACKAGE_PULL)
            return resource.record.is_project and not pulls
    return False


def _role_too_low(request: Request, permission: str) -> Response:
    """403; a page says besides which role the permission takes."""
    if not _wants_page(request):
        return answer(request, HTTPStatus.FORBIDDEN, ROLE_TOO_LOW)
    needed = needed_for(request, _context(request), permission)
    return refusal_page(request, HTTPStatus.FORBIDDEN, ROLE_TOO_LOW, needed=needed)


def _method_not_allowed(request: Request) -> Response:
    """405 with the methods that are possible; in the JSON API just those to who asks for them."""
    methods = request.registry["pyregistry.methods"]
    kinds = type(_context(request)).__mro__
    allowed = set().union(*(methods.get(kind, ()) for kind in kinds))
    sentence = f"{request.method} is not possible here."
    response = answer(request, HTTPStatus.METHOD_NOT_ALLOWED, sentence)
    if is_json_api(request.environ.get("PATH_INFO", "")):
        allowed.add(_OPTIONS)
        if request.method == _OPTIONS:
            response = Response(status=int(HTTPStatus.NO_CONTENT))
    response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _elsewhere(request: Request, moved: Moved) -> Response:
    """Old addresses are read at the new ones; nothing is changed by way of them."""
    if request.method in _READING:
        response = _redirect(request, moved)
        # Something else may take the path, and not everybody is led on.
        response.headers["Cache-Control"] = revalidated(anyone=request.identity is None)
        response.headers["Vary"] = VARY_PAGE
        return response
    sentence = (
        f"Non GET methods are not allowed for moved projects: it is at {moved.full_path} now."
    )
    response = answer(request, HTTPStatus.METHOD_NOT_ALLOWED, sentence)
    response.headers["Allow"] = ", ".join(_READING)
    return response


def _redirect(request: Request, moved: Moved) -> Response:
    """301 to the new address; clients of the API that do not follow it get a sentence in JSON."""
    if not is_json_api(request.environ.get("PATH_INFO", "")):
        return HTTPMovedPermanently(moved.address)
    response = message_response(HTTPStatus.MOVED_PERMANENTLY, MOVED)
    response.headers["Location"] = moved.address
    return response


def _wants_page(request: Request) -> bool:
    if request.method not in ("GET", "HEAD", "POST"):
        return False
    if is_for_tools(request.environ.get("PATH_INFO", "")):
        return False
    return "text/html" in request.headers.get("Accept", "")


def includeme(config: Configurator) -> None:
    """Register the exception views."""
    config.add_exception_view(forbidden, context=HTTPForbidden)
    config.add_exception_view(not_found, context=HTTPNotFound)
    config.add_exception_view(wrong_credentials, context=InvalidCredentials)
    config.add_exception_view(refused, context=Refusal)
    config.add_exception_view(no_such_part, context=NoSuchPart)
    config.add_exception_view(malformed_address, context=URLDecodeError)
    config.add_exception_view(broken_off, context=DisconnectionError)
    config.add_exception_view(forged, context=BadCSRFToken)
    config.add_exception_view(forged, context=BadCSRFOrigin)
    config.add_exception_view(storage_full, context=StorageFull)
    config.add_exception_view(unavailable, context=StorageError)
    for error in (DBAPIError, PoolTimeout, StaleDataError, PendingRollbackError):
        config.add_exception_view(database_failed, context=error)
    config.add_exception_view(conflicting, context=IntegrityError)
    config.add_exception_view(http_exception, context=HTTPException)
    config.add_exception_view(broken, context=Exception)
