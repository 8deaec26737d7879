"""What HTTP itself asks of a response: preferences, conditions, ranges, file names."""
