"""The verbs of events: record what was done, count how often."""
