"""The views of the pages for people, a module a domain."""
