"""Protection: who may push and delete packages of certain names, and where names belong."""
