"""Trusted publishing: jobs that publish without a stored secret, by OpenID Connect."""
