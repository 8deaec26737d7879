"""What a package's status forbids (PEP 792)."""

from sqlalchemy.orm import Session

from pyregistry.packaging.errors import PackageClosed
from pyregistry.packaging.models import PackageStatus
from pyregistry.packaging.services.queries import StoredFile, find_package


def check_takes_uploads(session: Session, project_id: int, normalized_name: str) -> None:
    """Raise `PackageClosed` where the package exists and its status refuses uploads."""
    package = find_package(session, project_id, normalized_name)
    if package is not None:
        check_accepts_uploads(package.name, package.status, package.status_reason)


def check_accepts_uploads(package: str, status: PackageStatus, reason: str | None) -> None:
    """Raise `PackageClosed` where a package of that status takes no uploads."""
    if not status.accepts_uploads:
        raise _closed(package, f"{status} and takes no uploads", reason)


def check_is_offered(file: StoredFile) -> None:
    """Raise `PackageClosed` where the status of the file's package offers no files."""
    if not file.status.offers_files:
        raise _closed(file.package, str(file.status), file.status_reason)


def _closed(package: str, forbidden: str, reason: str | None) -> PackageClosed:
    ending = f": {reason}" if reason else "."
    return PackageClosed(f"The package {package} is {forbidden}{ending}")
