"""Who may do what: permissions, roles, identities and the security policy."""
