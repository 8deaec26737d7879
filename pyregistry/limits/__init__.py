"""How many bytes are stored, and how many may be: the largest file, and quotas."""
