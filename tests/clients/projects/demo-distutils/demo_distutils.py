"""A package of old."""
