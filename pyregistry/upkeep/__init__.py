"""Looking after stored files: moving them to another storage, verifying and counting them."""
