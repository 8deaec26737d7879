"""What the services of the audit log refuse."""

from pyregistry.errors import NotFound


class EventNotFound(NotFound):
    """There is no such event where it was looked for."""

    def __init__(self) -> None:
        super().__init__("Not found: there is no event with this id here.")
