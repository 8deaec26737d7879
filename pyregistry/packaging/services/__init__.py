"""The verbs of packaging: look up, record, yank, delete, set a status."""
