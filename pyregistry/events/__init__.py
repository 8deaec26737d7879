"""The audit log and the usage counts."""
