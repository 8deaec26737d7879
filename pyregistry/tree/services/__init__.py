"""The verbs: transfer, delete; and what they are about."""
