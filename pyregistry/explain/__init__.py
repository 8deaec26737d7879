"""Why an index shows a file to a caller, or hides it."""
