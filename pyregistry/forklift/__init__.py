"""Uploads: receive, inspect, check, store, record."""
