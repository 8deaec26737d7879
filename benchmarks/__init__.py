"""Measurements that are run by hand; see docs/benchmarks.md."""
