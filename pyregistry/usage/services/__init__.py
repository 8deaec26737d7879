"""Reading counts, and counting what is done in pages."""
