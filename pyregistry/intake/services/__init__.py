"""Taking archives from folders and from other indexes."""
