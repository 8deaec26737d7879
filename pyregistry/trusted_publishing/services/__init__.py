"""The verbs of trusted publishing: list publishers, exchange an ID token."""
