"""Turning a refusal into a response that every kind of client shows to its user.

The sentence stands in the reason phrase *and* in the body: twine, hatch and
distutils show the one, uv and poetry the other.
"""

import json
from http import HTTPStatus

from pyramid.request import Request
from pyramid.response import Response

from pyregistry.http.caching import VARY_ON_CREDENTIALS

_MAXIMUM_REASON_LENGTH = 400
CHALLENGE = 'Basic realm="pypi"'
"""distutils asks for a password only where the realm is exactly this."""


def refusal_response(request: Request, status: HTTPStatus, sentence: str) -> Response:
    """The response for programs: problem+json (RFC 9457) where they take JSON, else plain text."""
    if _takes_json(request):
        body = {"title": status.phrase, "status": int(status), "detail": sentence}
        response = Response(body=json.dumps(body).encode(), content_type="application/problem+json")
    else:
        response = Response(text=sentence + "\n", content_type="text/plain", charset="utf-8")
    return _finished(response, status, sentence)


def message_response(status: HTTPStatus, sentence: str) -> Response:
    """The response in the shape of GitLab's API."""
    response = Response(
        body=json.dumps({"message": sentence}).encode(), content_type="application/json"
    )
    return _finished(response, status, sentence)


def coded_response(status: HTTPStatus, code: str, sentence: str) -> Response:
    """The response in the shape of PyPI's token exchange, which publishing clients show."""
    body = {"message": sentence, "errors": [{"code": code, "description": sentence}]}
    response = Response(body=json.dumps(body).encode(), content_type="application/json")
    return _finished(response, status, sentence)


def reason_phrase(sentence: str) -> str:
    """The sentence as a reason phrase may carry it: one line of printable ASCII."""
    line = " ".join(sentence.split())[:_MAXIMUM_REASON_LENGTH]
    return "".join(letter if " " <= letter <= "~" else "?" for letter in line)


def _finished(response: Response, status: HTTPStatus, sentence: str) -> Response:
    response.status = f"{int(status)} {reason_phrase(sentence)}"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = f"Accept, {VARY_ON_CREDENTIALS}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if status is HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = CHALLENGE
    return response


def _takes_json(request: Request) -> bool:
    accept = request.headers.get("Accept", "").lower()
    return "json" in accept
