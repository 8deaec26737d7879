"""The verbs: count stored bytes, read limits, check them, change them."""
