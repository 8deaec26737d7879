"""Backup: everything, or a group, as files that another registry can read."""
