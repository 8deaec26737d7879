"""What is done with the objects that files are made of."""
