"""Pages as people meet them: a real Chromium, a real server, and content of every kind."""
