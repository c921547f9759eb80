"""The marks that tie a service's methods to messages and to the clock."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from contracts.message import Event, Request
from kernel.errors import Refusal, Unavailable

Method = TypeVar("Method", bound=Callable[..., Any])


class Refused(Exception):  # noqa: N818
    """Refuse, but keep what was written: a failed sign-in is counted although it is refused."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


class AskAgain(Unavailable):
    """What was asked of others before the transaction does not fit what it finds: ask and begin once more."""

    def __init__(self) -> None:
        super().__init__("changed_meanwhile", "what this depends on has just changed; ask again")


@dataclass(frozen=True)
class Served:
    """A method `(self, session, request, caller[, what first said]) -> reply`."""

    method: Callable[..., Any]
    request: type[Request[Any]]
    first: Callable[..., Any] | None


@dataclass(frozen=True)
class Handled:
    """A method `(self, session, event)`, or `(self, session, events)` for a batch."""

    method: Callable[..., Any]
    event: type[Event]
    batch: bool


@dataclass(frozen=True)
class Timed:
    """A method `(self, session) -> whether there is more to do`, called every `seconds`, by one replica at a time."""

    method: Callable[..., Any]
    seconds: float


def serves(request: type[Request[Any]], first: Callable[..., Any] | None = None) -> Callable[[Method], Method]:
    """The method answers `request`. `first(call, request, caller)` asks other services before the transaction begins;
    what it returns is the method's last argument.
    """

    def mark(method: Method) -> Method:
        method.served = Served(method, request, first)  # type: ignore[attr-defined]
        return method

    return mark


def handles(event: type[Event], *, batch: bool = False) -> Callable[[Method], Method]:
    """The method takes in `event` in the transaction that records it as handled; with `batch`, up to 200 at once."""

    def mark(method: Method) -> Method:
        method.handled = (*getattr(method, "handled", ()), Handled(method, event, batch))  # type: ignore[attr-defined]
        return method

    return mark


def every(seconds: float) -> Callable[[Method], Method]:
    """The method is called every `seconds`, in a transaction that no other replica has at the same time.

    While it returns true there is more to do, and it is called again at once, in a new transaction.
    """

    def mark(method: Method) -> Method:
        method.timed = Timed(method, seconds)  # type: ignore[attr-defined]
        return method

    return mark


def served_by(service: type[Any]) -> dict[str, Served]:
    """What `service` answers, by the name of the request."""
    marks = (getattr(member, "served", None) for member in _members(service))
    return {mark.request.__name__: mark for mark in marks if mark}


def handled_by(service: type[Any]) -> dict[tuple[str, str], Handled]:
    """What `service` takes in, by producer and name of the event."""
    found: dict[tuple[str, str], Handled] = {}
    for member in _members(service):
        for mark in getattr(member, "handled", ()):
            found[mark.event.owner, mark.event.__name__] = mark
    return found


def timed_by(service: type[Any]) -> list[Timed]:
    """What `service` does by the clock."""
    return [member.timed for member in _members(service) if hasattr(member, "timed")]


def _members(service: type[Any]) -> Iterator[Any]:
    """The members of the class and of those that it is put together from."""
    return (member for _, member in inspect.getmembers_static(service))
