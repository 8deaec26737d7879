"""Tokens in GitLab's words. The secret is in the answer that it is created in, and in no other."""

from datetime import datetime
from typing import Any

from pyregistry.api.presenters import present_optional_time, present_time
from pyregistry.authnz.permissions import ACCESS_TOKENS, TOKENS_OF_USERS
from pyregistry.authnz.roles import Role
from pyregistry.tokens.models import Token
from pyregistry.tokens.services.check import KnownToken
from pyregistry.tokens.services.selection import ListedToken


def present_user_token(listed: ListedToken, now: datetime) -> dict[str, Any]:
    """A personal access token, or the access token of a group or project.

    `expires_at` is the day at whose beginning (UTC) it ends.
    """
    token = listed.token
    end = token.expires_at
    presented = {
        **_common(token),
        "description": token.description,
        "active": token.revoked_at is None and not token.has_expired(now),
        "user_id": token.user_id,
        "expires_at": end.date().isoformat() if end else None,
    }
    if token.kind in ACCESS_TOKENS:
        presented["access_level"] = _level(listed.role)
    return presented


def present_deploy_token(listed: ListedToken, now: datetime) -> dict[str, Any]:
    """A deploy token. `expires_at` is the moment at which it ends."""
    token = listed.token
    return {
        **_common(token),
        "username": token.username,
        "expired": token.has_expired(now),
        "expires_at": present_optional_time(token.expires_at),
    }


def present_found_token(listed: ListedToken, known: KnownToken, now: datetime) -> dict[str, Any]:
    """A token of whatever kind, with what it is and whose."""
    present = present_user_token if known.kind in TOKENS_OF_USERS else present_deploy_token
    return {
        **present(listed, now),
        "kind": known.kind,
        "state": known.state,
        "username": known.username,
        "namespace_path": known.namespace_path,
    }


def _common(token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "scopes": token.scopes,
        "revoked": token.revoked_at is not None,
        "created_at": present_time(token.created_at),
        "last_used_at": present_optional_time(token.last_used_at),
        "last_used_address": token.last_used_address,
        "last_used_ips": [token.last_used_address] if token.last_used_address else [],
    }


def _level(role: Role | None) -> int | None:
    return int(role) if role is not None else None
