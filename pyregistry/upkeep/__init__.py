"""Looking after stored files: moving them to another storage, and verifying them."""
