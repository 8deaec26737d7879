"""A package for tests."""


def main() -> None:
    print("Hello from Demo.Setuptools")
