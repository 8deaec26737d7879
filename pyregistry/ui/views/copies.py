"""Counting the copies of commands, which the script of a page tells.

Who is not signed in copies, too, and must get no cookie for it: no view here asks for the CSRF
token. All that another site could do is to count, and it is refused by what browsers say of where
a request is from.
"""

from http import HTTPStatus

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.authnz.permissions import Permissions
from pyregistry.csrf import check_site
from pyregistry.events.counted import CountedAction
from pyregistry.http.parameters import choice
from pyregistry.packaging.names import normalize_name
from pyregistry.resources.pages.packages import CopiedCommand, CopiedGroupCommand
from pyregistry.ui.submissions import read_form
from pyregistry.usage.services.copies import Copy, copy_in_group, copy_of


@view_config(
    context=CopiedCommand,
    request_method="POST",
    permission=Permissions.USAGE_COUNT,
    require_csrf=False,
)
def count_copy(context: CopiedCommand, request: Request) -> Response:
    """Count that somebody copied a command: nothing else can be told here."""
    action, package = _told(request)
    project_id, day = context.namespace.id, request.now.date()
    return _counted(request, copy_of(request.db, project_id, action, package, day))


@view_config(
    context=CopiedGroupCommand,
    request_method="POST",
    permission=Permissions.GROUP_USAGE_COUNT,
    require_csrf=False,
)
def count_copy_in_group(context: CopiedGroupCommand, request: Request) -> Response:
    """Count that somebody copied a command that sets a client up for the group's index."""
    action, package = _told(request)
    group_id, day = context.namespace.id, request.now.date()
    return _counted(request, copy_in_group(group_id, action, package, day))


def _told(request: Request) -> tuple[CountedAction, str | None]:
    """What was copied: the action, and the package where there is one."""
    check_site(request)
    sent = read_form(request)
    action = choice({"action": sent.text("action")}, "action", CountedAction)
    name = sent.given("package")
    return action, normalize_name(name) if name else None


def _counted(request: Request, copy: Copy) -> Response:
    request.note_once_answered(copy)
    return Response(status=HTTPStatus.NO_CONTENT, content_type=None)
