"""The simple repository API, as HTML and as JSON."""
