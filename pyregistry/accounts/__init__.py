"""Users, their passwords and their browser sessions."""
