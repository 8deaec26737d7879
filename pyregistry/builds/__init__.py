"""Builds: how a file came to be, as the job that published it says."""
