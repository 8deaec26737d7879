"""What can be done with jobs."""
