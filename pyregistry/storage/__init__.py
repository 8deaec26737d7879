"""Where the bytes of distribution archives are kept, addressed by their content."""
