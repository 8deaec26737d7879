"""Tests of the tree of groups and projects as it changes."""
