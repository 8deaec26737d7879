"""Tests of trusted publishing that need no registry."""
