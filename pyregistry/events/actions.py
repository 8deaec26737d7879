"""What can happen, by name."""

from enum import StrEnum


class Action(StrEnum):
    """The actions that events record. Those on files are counted by day, too."""

    FILE_PUSHED = "file.pushed"
    FILE_PULLED = "file.pulled"
    FILE_DELETED = "file.deleted"
    RELEASE_DELETED = "release.deleted"
    RELEASE_YANKED = "release.yanked"
    RELEASE_UNYANKED = "release.unyanked"
    PACKAGE_STATUS_SET = "package.status_set"
    MEMBER_ADDED = "member.added"
    MEMBER_CHANGED = "member.changed"
    MEMBER_REMOVED = "member.removed"
    VISIBILITY_CHANGED = "visibility.changed"
