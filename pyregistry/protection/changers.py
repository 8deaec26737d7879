"""Who changes protection rules and reserved prefixes."""

from dataclasses import dataclass

from pyregistry.authnz.identity import Actor, Authority, Viewer


@dataclass(frozen=True, slots=True)
class Changer:
    """Who makes a change, as what they act there, and what they may see.

    That they may manage protection has been asked before.
    """

    actor: Actor
    authority: Authority
    viewer: Viewer
