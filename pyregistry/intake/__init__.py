"""Moving in: archives that lie elsewhere, in a folder or in another index."""
