"""How fast batches of events follow each other."""

from time import monotonic

QUICK = 0.025  # seconds between the beginnings of two batches, so that the second of two events goes with the third
SLOW = 0.1  # the same under load, where what a batch costs is shared by more


class Pace:
    """An event that comes alone does not wait; the next batch does, and longer as long as batches hold more than one.

    A batch costs its producer and every consumer a transaction and some messages, however many events are in it.
    """

    def __init__(self) -> None:
        self._seconds = QUICK

    def after(self, began: float, events: int, *, more: bool) -> float:
        """Seconds to wait after a batch of so many `events` that `began` then; `more` are there for a full one."""
        self._seconds = min(SLOW, 2 * self._seconds) if events > 1 else QUICK
        return 0.0 if more else max(0.0, began + self._seconds - monotonic())
