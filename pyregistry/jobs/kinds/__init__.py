"""What jobs there are: a module for each kind."""
