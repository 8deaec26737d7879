"""The registry measured against others: python -m benchmarks --help, docs/benchmarks.md."""

from benchmarks.comparison.command import main

if __name__ == "__main__":
    main()
