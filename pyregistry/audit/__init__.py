"""Reading the audit log. It is written by `pyregistry.events`, which knows no groups."""
