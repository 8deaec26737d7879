"""Packages, releases and files: names, versions and core metadata."""
