"""How long booking waits for loyalty: not at all for a while, once it has been silent twice in a row."""

import time
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Session

from contracts.loyalty import QuoteVisit
from contracts.message import Request
from kernel.errors import Unavailable
from services.booking.usecases.asking import Call

SILENT = 2  # late answers in a row; one may be chance
PAUSE = 3.0  # seconds in which nobody waits for it; after them one question tries whether it is back
LATE = 0.5  # of the time that the question has: who refuses at once costs nothing, and may be asked again


class Silence:
    """What this process has seen of loyalty; losing a count to another thread costs one more wait."""

    def __init__(self) -> None:
        self.late = 0
        self.until = 0.0


_silences: WeakKeyDictionary[Call, Silence] = WeakKeyDictionary()


class Patient:
    """A `call` that refuses at once what loyalty would be too late for."""

    reads: Callable[[], Session]

    def __init__(self, call: Call, silence: Silence, clock: Callable[[], float] = time.monotonic) -> None:
        self._call, self._silence, self._clock = call, silence, clock
        self.reads = call.reads

    def __call__(self, request: Request[Any]) -> Any:
        if not isinstance(request, QuoteVisit):
            return self._call(request)
        silence, began = self._silence, self._clock()
        if silence.late >= SILENT:
            if began < silence.until:
                raise Unavailable("service_unavailable", "loyalty has just been silent")
            silence.until = began + PAUSE
        try:
            reply = self._call(request)
        except Unavailable:
            ended = self._clock()
            if ended - began >= LATE * QuoteVisit.timeout:
                silence.late += 1
                silence.until = ended + PAUSE
            raise
        silence.late = 0
        return reply


def patient(call: Call) -> Patient:
    """`call` with what this process knows of loyalty's silence."""
    return Patient(call, _silences.setdefault(call, Silence()))
