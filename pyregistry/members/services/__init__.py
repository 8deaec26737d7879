"""The verbs of members: add, change and remove them, list them."""
