"""What every service answers, whatever it is about."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from contracts.message import INTERNAL, Request


@dataclass(frozen=True)
class Health:
    """`ready` is whether the service can do its work now; `missing` says in words what it lacks."""

    service: str
    ready: bool
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class CheckHealth(Request[Health], permission=INTERNAL, timeout=2.0, effects=False):
    pass


@dataclass(frozen=True)
class LoggedEvents:
    """Event envelopes (JSON text) in order of their numbers; `last` is the highest number given out so far."""

    events: tuple[str, ...]
    last: int


@dataclass(frozen=True)
class ReadEvents(Request[LoggedEvents], permission=INTERNAL, effects=False, timeout=10.0):
    """The events numbered above `after`: how a consumer catches up with what the bus did not bring."""

    after: Annotated[int, Meta(ge=0)]
    limit: Annotated[int, Meta(ge=1, le=1_000)] = 500


@dataclass(frozen=True)
class Echoed:
    text: str


@dataclass(frozen=True)
class Echo(Request[Echoed], permission=INTERNAL, effects=False):
    """What comes back from the far end of the bus without touching a database."""

    text: str
