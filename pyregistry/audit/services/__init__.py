"""The verbs of the audit log: list events, find one, read all of them in batches."""
