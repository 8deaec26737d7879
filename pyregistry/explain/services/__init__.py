"""Asking the rules of indexes for their reasons."""
