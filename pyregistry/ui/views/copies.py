"""Counting the copies of commands, which the script of a page tells."""

from http import HTTPStatus

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.authnz.permissions import Permissions
from pyregistry.csrf import check_site
from pyregistry.events.counted import CountedAction
from pyregistry.http.parameters import choice
from pyregistry.packaging.names import normalize_name
from pyregistry.resources.pages.packages import CopiedCommand
from pyregistry.ui.submissions import read_form
from pyregistry.usage.services.copies import copy_of


@view_config(
    context=CopiedCommand,
    request_method="POST",
    permission=Permissions.USAGE_COUNT,
    # Who is not signed in copies, too, and must get no cookie for it. All that another site
    # could do is to count, and it is refused by what browsers say of where a request is from.
    require_csrf=False,
)
def count_copy(context: CopiedCommand, request: Request) -> Response:
    """Count that somebody copied a command: nothing else can be told here."""
    check_site(request)
    sent = read_form(request)
    action = choice({"action": sent.text("action")}, "action", CountedAction)
    name = sent.given("package")
    package = normalize_name(name) if name else None
    copy = copy_of(request.db, context.namespace.id, action, package, request.now.date())
    request.note_once_answered(copy)
    return Response(status=HTTPStatus.NO_CONTENT, content_type=None)
