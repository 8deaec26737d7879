"""Who is a member of a group or project, and who may change that."""
