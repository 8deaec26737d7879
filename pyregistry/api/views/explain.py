"""Why an index shows a file to a caller, or hides it."""

from typing import Any

from pyramid.httpexceptions import HTTPForbidden
from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.accounts.services.listing import find_visible_user
from pyregistry.api.paging import shown_slice, window_of
from pyregistry.api.presenters import present_time
from pyregistry.authnz.identity import Viewer
from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Invalid
from pyregistry.explain.services.files import ExplainedFile, Question, Subject, explain
from pyregistry.http.caching import describe_read
from pyregistry.http.parameters import optional_boolean, optional_number, optional_text
from pyregistry.packaging.names import canonical_version, normalize_name
from pyregistry.resources.api_explain import (
    ApiExplanation,
    ApiGroupExplanation,
    ApiProjectExplanation,
)
from pyregistry.resources.base import viewer_of


@view_config(
    context=ApiProjectExplanation,
    request_method="GET",
    permission=Permissions.PACKAGE_PULL,
    renderer="json",
)
@view_config(
    context=ApiGroupExplanation,
    request_method="GET",
    permission=Permissions.INDEX_READ,
    renderer="json",
)
@view_config(
    context=ApiExplanation,
    request_method="GET",
    permission=Permissions.INDEX_READ,
    renderer="json",
)
def explain_files(context: ApiExplanation, request: Request) -> list[dict[str, Any]]:
    """The files of a package that the caller may know of: whether they are shown, and why.

    Shown to the caller, or to somebody else whom a Maintainer asks about.
    """
    parameters = dict(request.GET)
    package = optional_text(parameters, "package")
    if not package:
        raise Invalid("The parameter package is missing: send the name of a package.")
    version = optional_text(parameters, "version")
    window = window_of(request)
    question = Question(
        scope=context.namespace,
        package=normalize_name(package),
        asker=viewer_of(request),
        subject=_subject(request, parameters),
        filename=optional_text(parameters, "filename"),
        canonical_version=None if version is None else canonical_version(version),
        tells_protection=bool(request.has_permission(Permissions.PROTECTION_READ, context)),
    )
    describe_read(request)
    found = explain(request.db, question, window)
    return [_presented(file) for file in shown_slice(request, window, found)]


def _subject(request: Request, parameters: dict[str, Any]) -> Subject:
    """Whom the index is shown to: `user_id`, nobody (`anonymous`), or else the caller."""
    user_id = optional_number(parameters, "user_id")
    anonymous = optional_boolean(parameters, "anonymous") or False
    if user_id is None and not anonymous:
        return Subject(viewer_of(request))
    allowed = request.has_permission(Permissions.INDEX_EXPLAIN, request.context)
    if not allowed:
        raise HTTPForbidden(result=allowed)
    if user_id is not None and anonymous:
        raise Invalid("Send one of the parameters user_id and anonymous.")
    if user_id is None:
        return Subject(Viewer.of(None, request.now))
    user = find_visible_user(request.db, viewer_of(request), user_id)
    viewer = Viewer(
        user.id, is_admin=user.is_admin, is_internal=not user.is_external, now=request.now
    )
    return Subject(viewer, is_blocked=user.blocked_at is not None)


def _presented(file: ExplainedFile) -> dict[str, Any]:
    return {
        "id": file.id,
        "file_name": file.filename,
        "file_sha256": file.sha256,
        "version": file.version,
        "project": {"id": file.project_id, "path_with_namespace": file.project_path},
        "created_at": present_time(file.uploaded_at),
        "shown": file.shown,
        "reasons": [{"code": reason.code, "message": reason.sentence} for reason in file.reasons],
    }
