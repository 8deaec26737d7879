"""The verbs: transfer, delete."""
