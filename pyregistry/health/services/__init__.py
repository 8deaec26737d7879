"""Asking the parts of the registry how they are."""
