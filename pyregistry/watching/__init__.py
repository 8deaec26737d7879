"""Watching the registry: the log of requests, and the metrics that Prometheus reads."""
