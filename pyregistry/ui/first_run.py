"""A registry that nobody can administer yet: what its first pages say."""

from pyramid.request import Request

from pyregistry.accounts.services.users import has_administrator


def is_first_run(request: Request) -> bool:
    """Whether the first administrator is still to be created, on the registry's machine."""
    return not has_administrator(request.db)
