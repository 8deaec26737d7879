"""The verbs of builds: record one, forget those that nothing names."""
