"""Who may do what: a statement of the policy, and the proof that the registry keeps to it.

`statement.py` and `endpoints.py` say what the policy is, as tables for people to read; they
were written from the documents, and use nothing of the registry. `reading.py` works out from
them what everybody must be answered, `staging.py` makes the registries and the callers, and the
tests compare.
"""
