"""Groups, projects, members and visibility."""
