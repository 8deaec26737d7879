"""Members: who may change them, and what is read of them."""
