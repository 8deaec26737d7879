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
    PACKAGE_DELETED = "package.deleted"
    """Besides the events of its releases and files."""
    PACKAGE_STATUS_SET = "package.status_set"
    MEMBER_ADDED = "member.added"
    MEMBER_CHANGED = "member.changed"
    MEMBER_REMOVED = "member.removed"
    VISIBILITY_CHANGED = "visibility.changed"
    SETTINGS_CHANGED = "settings.changed"
    """The name, the description or a switch of a group or project, or of the instance."""
    TOKEN_CREATED = "token.created"  # noqa: S105 -- the name of an action
    TOKEN_ROTATED = "token.rotated"  # noqa: S105
    TOKEN_REVOKED = "token.revoked"  # noqa: S105
    TRUSTED_PUBLISHER_ADDED = "trusted_publisher.added"
    TRUSTED_PUBLISHER_REMOVED = "trusted_publisher.removed"
    PROTECTION_RULE_ADDED = "protection_rule.added"
    PROTECTION_RULE_CHANGED = "protection_rule.changed"
    PROTECTION_RULE_REMOVED = "protection_rule.removed"
    PREFIX_RESERVED = "prefix.reserved"
    PREFIX_CHANGED = "prefix.changed"
    PREFIX_RELEASED = "prefix.released"
    GROUP_CREATED = "group.created"
    PROJECT_CREATED = "project.created"
    GROUP_RENAMED = "group.renamed"
    PROJECT_RENAMED = "project.renamed"
    GROUP_TRANSFERRED = "group.transferred"
    PROJECT_TRANSFERRED = "project.transferred"
    """Also recorded in the group that it was taken from."""
    GROUP_DELETED = "group.deleted"
    PROJECT_DELETED = "project.deleted"
    USER_CREATED = "user.created"
    USER_CHANGED = "user.changed"
    """Blocked, let in again, or changed: what they are called, may do, or sign in with."""
    USER_DELETED = "user.deleted"
    SIGNED_IN = "user.signed_in"
    """With a password, in a browser. Failures are limited, and not recorded: anybody can fail."""
