"""A request and its answer, as they are watched."""

from dataclasses import dataclass

from pyregistry.http.observation import Observation


# Not frozen: there is one for each request, and to freeze it takes longer than all else here.
@dataclass(slots=True)
class Exchange:
    """What is known once an answer was sent, or broke off. No query, no header, no body."""

    request_id: str
    method: str
    path: str
    """As it was sent, without the query: percent-encoded, and cut off where it is very long."""
    client_address: str | None
    status: int
    seconds_to_answer: float
    """Until the answer began: with the time that a body took to come in, without that to send."""
    seconds: float
    """Until everything was sent."""
    received_bytes: int
    """Of the request's body, as far as the application has read it."""
    sent_bytes: int
    """Of the answer's body, as far as the server has taken them."""
    observation: Observation
