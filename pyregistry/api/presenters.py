"""Our nouns in GitLab's words: what it calls a package is our release."""

from datetime import datetime
from typing import Any

from pyregistry.members.days import last_day_of
from pyregistry.members.services.listing import Member
from pyregistry.namespaces.models import InstanceSettings
from pyregistry.packaging.models import File, Package, Release
from pyregistry.protection.levels import Level
from pyregistry.protection.models import ProtectionRule
from pyregistry.protection.services.reservations import Reservation
from pyregistry.trusted_publishing.models import TrustedPublisher


def present_release(release: Release) -> dict[str, Any]:
    """A release as GitLab's `package` object, with what PEP 592 and PEP 792 add."""
    package = release.package
    return {
        "id": release.id,
        "name": package.normalized_name,
        "version": release.version,
        "package_type": "pypi",
        "status": "default",
        "project_id": release.project_id,
        "created_at": present_time(release.created_at),
        "last_downloaded_at": present_optional_time(release.last_downloaded_at),
        "tags": [],
        "yanked": release.yanked,
        "yanked_reason": release.yanked_reason,
        "project_status": present_status(package),
    }


def present_status(package: Package) -> dict[str, Any]:
    """The status of a package (PEP 792)."""
    return {"status": package.status, "reason": package.status_reason}


def present_file(file: File) -> dict[str, Any]:
    """A file as GitLab's `package_file` object."""
    return {
        "id": file.id,
        "package_id": file.release_id,
        "created_at": present_time(file.uploaded_at),
        "file_name": file.filename,
        "size": file.size,
        "file_md5": file.md5,
        "file_sha1": file.sha1,
        "file_sha256": file.sha256,
    }


def present_instance_settings(settings: InstanceSettings) -> dict[str, Any]:
    """What administrators decide for the instance, as GitLab's application settings."""
    return {
        "packages_enabled": settings.packages_enabled,
        "package_registry_allow_anyone_to_pull_option": settings.anyone_can_pull_allowed,
        "can_create_group": settings.users_create_groups,
    }


def present_member(member: Member) -> dict[str, Any]:
    """A member as GitLab's `member` object; `expires_at` is the last day of the role.

    Nobody has a page or a picture here, waits to be let in, or is locked out of all addresses.
    """
    end = member.expires_at
    return {
        "id": member.user_id,
        "username": member.username,
        "name": member.name,
        "state": "active" if member.blocked_at is None else "blocked",
        "locked": False,
        "avatar_url": None,
        "web_url": None,
        "membership_state": "active",
        "access_level": int(member.role),
        "expires_at": last_day_of(end).isoformat() if end else None,
        "created_at": present_time(member.created_at),
    }


def present_rule(rule: ProtectionRule) -> dict[str, Any]:
    """A protection rule as GitLab's object of that name."""
    return {
        "id": rule.id,
        "project_id": rule.project_id,
        "package_name_pattern": rule.name_pattern,
        "package_type": "pypi",
        "minimum_access_level_for_push": _word(rule.push_level),
        "minimum_access_level_for_delete": _word(rule.delete_level),
    }


def present_reservation(reservation: Reservation) -> dict[str, Any]:
    """A reserved prefix, which GitLab has not."""
    return {
        "id": reservation.id,
        "group_id": reservation.group_id,
        "prefix": reservation.prefix,
        "projects": [
            {"id": project.id, "path_with_namespace": project.full_path}
            for project in reservation.projects
        ],
        "created_at": present_time(reservation.created_at),
    }


def _word(level: int | None) -> str | None:
    return Level(level).word if level is not None else None


def present_trusted_publisher(publisher: TrustedPublisher) -> dict[str, Any]:
    """A trusted publisher; `claims` are those that an ID token must have."""
    return {
        "id": publisher.id,
        "name": publisher.name,
        "issuer": publisher.issuer,
        "claims": publisher.claims,
        "created_at": present_time(publisher.created_at),
    }


def present_time(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, as GitLab writes it."""
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def present_optional_time(moment: datetime | None) -> str | None:
    """As `present_time`; None where there is no moment."""
    return None if moment is None else present_time(moment)
