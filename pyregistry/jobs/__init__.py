"""Work that is done in the background: a table of jobs, and the workers that do them."""
