"""Yanking a release, and deleting it or one of its files: each asked on a page of its own."""

from functools import partial
from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Refusal
from pyregistry.packaging import models
from pyregistry.packaging.errors import PackageNotFound
from pyregistry.packaging.permits import Permit
from pyregistry.packaging.services.change import delete_file, delete_release, set_yanked
from pyregistry.packaging.services.pages import file_of_release
from pyregistry.packaging.services.queries import find_package, find_release
from pyregistry.protection.services.check import check_may_delete
from pyregistry.resources.namespaces import authority_at, namespace_above
from pyregistry.resources.pages.packages import (
    DeleteFilePage,
    DeleteReleasePage,
    ReleasePage,
    UnyankPage,
    YankPage,
)
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.package_pages import attempt_change, package_page, unchanged
from pyregistry.ui.submissions import NOTHING_SENT, Sent, done, read_form
from pyregistry.ui.views.pulled_lately import pulled_lately

_DELETE_RELEASE = "pyregistry:ui/templates/packages/delete_release.jinja2"
_DELETE_FILE = "pyregistry:ui/templates/packages/delete_file.jinja2"
_YANK = "pyregistry:ui/templates/packages/yank.jinja2"
_UNYANK = "pyregistry:ui/templates/packages/unyank.jinja2"


@view_config(
    context=YankPage, request_method="GET", permission=Permissions.PACKAGE_YANK, renderer=_YANK
)
def ask_yank(context: YankPage, request: Request) -> dict[str, Any]:
    """What a yank does, and who pulled the release."""
    return _release_page(context, request, "Yank")


@view_config(
    context=YankPage, request_method="POST", permission=Permissions.PACKAGE_YANK, renderer=_YANK
)
def yank(context: YankPage, request: Request) -> Any:
    """Yank a release, with a reason or without."""
    sent = read_form(request)
    return _set_yanked(context, request, sent, "Yank", yanked=True)


@view_config(
    context=UnyankPage, request_method="GET", permission=Permissions.PACKAGE_YANK, renderer=_UNYANK
)
def ask_unyank(context: UnyankPage, request: Request) -> dict[str, Any]:
    """What taking a yank back does."""
    return _release_page(context, request, "Take the yank back")


@view_config(
    context=UnyankPage, request_method="POST", permission=Permissions.PACKAGE_YANK, renderer=_UNYANK
)
def unyank(context: UnyankPage, request: Request) -> Any:
    """Take a yank back."""
    return _set_yanked(context, request, NOTHING_SENT, "Take the yank back", yanked=False)


@view_config(
    context=DeleteReleasePage,
    request_method="GET",
    permission=Permissions.PACKAGE_DELETE,
    renderer=_DELETE_RELEASE,
)
def ask_delete_release(context: DeleteReleasePage, request: Request) -> dict[str, Any]:
    """What goes with a release, and who pulled it."""
    return _release_page(context, request, "Delete")


@view_config(
    context=DeleteReleasePage,
    request_method="POST",
    permission=Permissions.PACKAGE_DELETE,
    renderer=_DELETE_RELEASE,
)
def remove_release(context: DeleteReleasePage, request: Request) -> Any:
    """Delete a release as the visitor has seen it."""
    sent, release_id, sentence = read_form(request), context.release.id, _named(context)

    def change() -> None:
        seen, permit = unchanged(sent), _permit(context)
        delete_release(
            request.db, release_id, request.actor, request.now, permit=permit, precondition=seen
        )

    left = _Left(context)
    tried = attempt_change(request, change)
    if tried.refusal:
        return _release_page(context, request, "Delete", sent, tried.refusal)
    return done(request, left.address(request), f"{sentence} was deleted.")


@view_config(
    context=DeleteFilePage,
    request_method="GET",
    permission=Permissions.PACKAGE_DELETE,
    renderer=_DELETE_FILE,
)
def ask_delete_file(context: DeleteFilePage, request: Request) -> dict[str, Any]:
    """What goes with a file, and who pulled it."""
    return _file_page(context, request, _file(context, request))


@view_config(
    context=DeleteFilePage,
    request_method="POST",
    permission=Permissions.PACKAGE_DELETE,
    renderer=_DELETE_FILE,
)
def remove_file(context: DeleteFilePage, request: Request) -> Any:
    """Delete a file as the visitor has seen it; a release goes with its last one."""
    sent, file = read_form(request), _file(context, request)
    file_id, filename = file.id, file.filename

    def change() -> None:
        seen, permit = unchanged(sent), _permit(context)
        delete_file(
            request.db, file_id, request.actor, request.now, permit=permit, precondition=seen
        )

    left = _Left(context)
    tried = attempt_change(request, change)
    if tried.refusal:
        return _file_page(context, request, file, tried.refusal)
    return done(request, left.address(request), f"{filename} was deleted.")


class _Left:
    """The page to go on to after something was deleted: of what is still there."""

    def __init__(self, context: ReleasePage) -> None:
        self._project = namespace_above(context).record
        self._name = context.package.normalized_name
        self._version = context.release.version
        self._canonical_version = context.release.canonical_version

    def address(self, request: Request) -> str:
        """That of the release, or else of the package, or else of the project."""
        addresses, path = Addresses(request), self._project.full_path
        package = find_package(request.db, self._project.id, self._name)
        if package is None:
            return addresses.namespace(path)
        canonical = self._canonical_version
        if find_release(request.db, package.id, canonical) is None:
            return addresses.package(path, self._name)
        return addresses.release(path, self._name, self._version)


def _set_yanked(
    context: ReleasePage, request: Request, sent: Sent, title: str, *, yanked: bool
) -> Any:
    release_id, named = context.release.id, _named(context)
    address = _Left(context)

    def change() -> None:
        reason = sent.given("reason")
        set_yanked(request.db, release_id, yanked, reason, request.actor, request.now)

    tried = attempt_change(request, change)
    if tried.refusal:
        return _release_page(context, request, title, sent, tried.refusal)
    sentence = f"{named} was yanked." if yanked else f"{named} is not yanked any more."
    return done(request, address.address(request), sentence)


def _permit(context: ReleasePage) -> Permit:
    return partial(check_may_delete, authority_at(context))


def _named(context: ReleasePage) -> str:
    return f"{context.package.name} {context.release.version}"


def _file(context: DeleteFilePage, request: Request) -> models.File:
    file = file_of_release(request.db, context.release.id, context.filename)
    if file is None:
        raise PackageNotFound("There is no such file in this release.")
    return file


def _release_page(
    context: ReleasePage,
    request: Request,
    title: str,
    sent: Sent = NOTHING_SENT,
    refusal: Refusal | None = None,
) -> dict[str, Any]:
    release = context.release
    page = package_page(context, request, context.package, release, title=title)
    pulled = pulled_lately(context, request, context.package, version=release.version)
    shown = {"reason": release.yanked_reason} | sent.shown()
    return {**page, "sent": shown, "refusal": refusal, "pulled": pulled}


def _file_page(
    context: DeleteFilePage, request: Request, file: models.File, refusal: Refusal | None = None
) -> dict[str, Any]:
    package, release = context.package, context.release
    page = package_page(context, request, package, release, title="Delete a file")
    pulled = pulled_lately(
        context, request, package, version=release.version, filename=file.filename
    )
    return {**page, "file": file, "refusal": refusal, "pulled": pulled}
