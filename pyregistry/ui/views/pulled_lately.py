"""Who pulled something in the last 30 days: what is to be known before it is deleted."""
