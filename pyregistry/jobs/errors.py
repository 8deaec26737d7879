"""What jobs refuse, and why one is broken off."""

from pyregistry.errors import Conflict, NotFound


class JobNotFound(NotFound):
    """There is no such job."""

    def __init__(self) -> None:
        super().__init__("There is no such job.")


class JobUnfinished(Conflict):
    """There may be only one unfinished job of the kind, and there is one."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"There is a {kind} job that has not finished yet: wait, or stop it.")


class JobFinished(Conflict):
    """The job is over: nothing is left to stop."""

    def __init__(self) -> None:
        super().__init__("This job has finished already.")


class ClaimLost(Exception):
    """The job is another worker's now, or must be taken for that: nothing of it may be written."""


class BrokenOff(Exception):
    """The job must not go on."""


class Cancelled(BrokenOff):
    """Somebody asked for it to be stopped."""


class Interrupted(BrokenOff):
    """The worker stops; another one will do the job."""
