"""A self-hosted Python package registry."""
