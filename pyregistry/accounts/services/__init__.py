"""The verbs of accounts: create users, check passwords, sign in."""
