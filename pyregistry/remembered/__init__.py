"""Answers that were given before and may be given again, as long as nothing has changed."""
