"""The verbs of builds: record one."""
