"""Failed attempts to prove who one is, counted by account and by address, and limited."""
