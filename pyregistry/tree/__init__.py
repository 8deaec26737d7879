"""Moving and deleting groups and projects, with everything that belongs to them."""
