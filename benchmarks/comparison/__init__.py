"""The registry measured against others in one run: `python -m benchmarks`, docs/benchmarks.md."""
