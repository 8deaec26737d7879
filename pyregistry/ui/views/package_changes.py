"""Deleting a package, and setting its status: each asked on a page of its own."""

from functools import partial
from typing import Any, Final

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Invalid, Refusal
from pyregistry.packaging.models import PackageStatus
from pyregistry.packaging.services.change import set_status
from pyregistry.packaging.services.delete_package import delete_package
from pyregistry.packaging.services.queries import find_package
from pyregistry.packaging.services.relations import used_by
from pyregistry.protection.services.check import check_may_delete
from pyregistry.resources.base import viewer_of
from pyregistry.resources.namespaces import authority_at, namespace_above
from pyregistry.resources.pages.packages import DeletePackagePage, PackageStatusPage
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.package_pages import attempt_change, package_page
from pyregistry.ui.submissions import NOTHING_SENT, Sent, check_confirmed, done, read_form
from pyregistry.ui.views.pulled_lately import pulled_lately

_DELETE = "pyregistry:ui/templates/packages/delete.jinja2"
_STATUS = "pyregistry:ui/templates/packages/status.jinja2"
_USED_BY: Final = 10


@view_config(
    context=DeletePackagePage,
    request_method="GET",
    permission=Permissions.PACKAGE_DELETE,
    renderer=_DELETE,
)
def ask_delete_package(context: DeletePackagePage, request: Request) -> dict[str, Any]:
    """What goes with a package, and who pulled it."""
    return _delete_page(context, request)


@view_config(
    context=DeletePackagePage,
    request_method="POST",
    permission=Permissions.PACKAGE_DELETE,
    renderer=_DELETE,
)
def remove_package(context: DeletePackagePage, request: Request) -> Any:
    """Delete a package whose name the visitor has typed."""
    sent, project = read_form(request), namespace_above(context).record
    package = context.package
    name, normalized_name = package.name, package.normalized_name

    def change() -> None:
        check_confirmed(sent, name)
        delete_package(
            request.db,
            project.id,
            normalized_name,
            request.actor,
            request.now,
            permit=partial(check_may_delete, authority_at(context)),
        )

    tried = attempt_change(request, change)
    if tried.refusal:
        return _delete_page(context, request, sent, tried.refusal)
    address, sentence = Addresses(request).namespace(project.full_path), f"{name} was deleted."
    if find_package(request.db, project.id, normalized_name) is not None:
        address = Addresses(request).package(project.full_path, normalized_name)
        sentence = f"Everything in {name} was deleted; its status is kept."
    return done(request, address, sentence)


@view_config(
    context=PackageStatusPage,
    request_method="GET",
    permission=Permissions.PACKAGE_SET_STATUS,
    renderer=_STATUS,
)
def ask_status(context: PackageStatusPage, request: Request) -> dict[str, Any]:
    """The statuses, and what each of them means."""
    return _status_page(context, request)


@view_config(
    context=PackageStatusPage,
    request_method="POST",
    permission=Permissions.PACKAGE_SET_STATUS,
    renderer=_STATUS,
)
def change_status(context: PackageStatusPage, request: Request) -> Any:
    """Set the status of a package, with a reason (PEP 792)."""
    sent, project = read_form(request), namespace_above(context).record
    name = context.package.normalized_name

    def change() -> str:
        status = _chosen(sent)
        # A reason that is still in the form goes when there is nothing left to explain.
        reason = None if status is PackageStatus.ACTIVE else sent.given("reason")
        package = set_status(
            request.db, project.id, name, status, reason, request.actor, request.now
        )
        return f"{package.name} is {status} now."

    tried = attempt_change(request, change)
    if tried.result is None:
        return _status_page(context, request, sent, tried.refusal)
    return done(request, Addresses(request).package(project.full_path, name), tried.result)


def _chosen(sent: Sent) -> PackageStatus:
    try:
        return PackageStatus(sent.text("status"))
    except ValueError:
        raise Invalid(f"Choose one of: {', '.join(PackageStatus)}.") from None


def _delete_page(
    context: DeletePackagePage,
    request: Request,
    sent: Sent = NOTHING_SENT,
    refusal: Refusal | None = None,
) -> dict[str, Any]:
    page = package_page(context, request, context.package, title="Delete")
    name = context.package.normalized_name
    return {
        **page,
        "sent": sent.shown(),
        "refusal": refusal,
        "pulled": pulled_lately(context, request, context.package),
        "used_by": used_by(request.db, name, viewer_of(request), limit=_USED_BY),
    }


def _status_page(
    context: PackageStatusPage,
    request: Request,
    sent: Sent = NOTHING_SENT,
    refusal: Refusal | None = None,
) -> dict[str, Any]:
    package = context.package
    page = package_page(context, request, package, title="Status")
    shown = {"status": str(package.status), "reason": package.status_reason} | sent.shown()
    return {**page, "sent": shown, "refusal": refusal}
