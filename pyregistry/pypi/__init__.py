"""PyPI's own APIs beside the simple one: its JSON API, and its Integrity API."""
