"""Whether anything has changed that decides an answer: one cheap, exact question."""
