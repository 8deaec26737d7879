"""Trusted publishing, with a real issuer on loopback."""
