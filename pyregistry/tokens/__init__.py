"""Tokens: what tools present instead of a password."""
