"""What every page of a package, a release or a file shows: itself, and the way to it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from pyramid.request import Request

from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Invalid, NotFound, PreconditionFailed
from pyregistry.packaging import models
from pyregistry.packaging.permits import Precondition
from pyregistry.protection.services.check import delete_rules, may_delete
from pyregistry.resources.base import Resource
from pyregistry.resources.namespaces import authority_at, namespace_above
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.breadcrumbs import Crumb, namespace_crumbs
from pyregistry.ui.submissions import Attempt, Sent, attempt

T = TypeVar("T")


def package_page(
    context: Resource,
    request: Request,
    package: models.Package,
    release: models.Release | None = None,
    *,
    title: str = "",
) -> dict[str, Any]:
    """What a template under `packages/` needs; `title` is that of a page behind the `-`.

    `home` is the address of what the page is about: the release, or the package.
    """
    addresses, project = Addresses(request), namespace_above(context)
    path, name = project.record.full_path, package.normalized_name
    crumbs = namespace_crumbs(addresses, project.lineage)
    crumbs.append(Crumb(package.name, addresses.package(path, name)))
    if release is not None:
        crumbs.append(Crumb(release.version, addresses.release(path, name, release.version)))
    home = crumbs[-1].address
    if title:
        crumbs.append(Crumb(title, request.path))
    return {
        "project": project.record,
        "package": package,
        "release": release,
        "crumbs": crumbs,
        "home": home,
        "title": title,
    }


def may_delete_from(context: Resource, request: Request, package: models.Package) -> bool:
    """Whether the visitor may delete from a package: by role, and by the rules that protect it.

    Only for who may by role a query asks the rules.
    """
    project = namespace_above(context)
    if not request.has_permission(Permissions.PACKAGE_DELETE, project):
        return False
    rules = delete_rules(request.db, [project.record.id])[project.record.id]
    return may_delete(authority_at(context), rules, package.normalized_name)


def attempt_change(request: Request, change: Callable[[], T]) -> Attempt[T]:
    """As `attempt`; raises `NotFound` where what was to be changed is gone: no page shows it."""
    tried = attempt(request, change)
    if isinstance(tried.refusal, NotFound):
        raise tried.refusal
    return tried


def unchanged(sent: Sent) -> Precondition:
    """That something is as the page showed it that the form came from.

    The page says in the field `seen` when it was changed last. Raises `Invalid` where the field
    is missing; the precondition raises `PreconditionFailed`.
    """
    seen = sent.text("seen")
    if not seen:
        raise Invalid("Look at the page once more, and confirm there.")

    def check(changed_at: datetime) -> None:
        if changed_at.isoformat() != seen:
            raise PreconditionFailed(
                "It was changed since you opened this page: look at what is there now, and confirm"
                " again."
            )

    return check
