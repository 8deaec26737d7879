"""The verbs of namespaces: create, add members, choose what a viewer may read."""
