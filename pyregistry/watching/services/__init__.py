"""What metrics say of the registry as a whole."""
