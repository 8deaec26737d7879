"""Builders of what the tests need."""
