"""Working something out once: for all who ask at the same time, and for all who ask in the same state of things."""

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")

LONGEST_REQUEST = timedelta(seconds=10)
MOST_KEPT = 256
MOST_STATES = 64


class Shared(Generic[T]):
    """The last answers, each with the instant as of which it holds.

    Who began to ask before that instant may have it: as fresh an answer as their own would have been. So of two
    hundred who are refused the same time at once, a few look for other times, and the others wait for those.
    """

    def __init__(self) -> None:
        self._answers: dict[Hashable, tuple[datetime, T]] = {}
        self._locks: dict[Hashable, Lock] = {}

    def get(self, key: Hashable, asked: datetime, work: Callable[[], tuple[datetime, T]]) -> T:
        """The answer of somebody else who began `work` since `asked`, else that of `work`: as of when, and what."""
        with self._locks.setdefault(key, Lock()):
            as_of, answer = self._answers.get(key, (None, None))
            # An answer from far ahead is of a database whose clock is wrong.
            if as_of is None or answer is None or not asked <= as_of < asked + LONGEST_REQUEST:
                as_of, answer = self._answers[key] = work()
        if len(self._locks) > MOST_KEPT:
            self._answers.clear()
            self._locks.clear()
        return answer


class Once(Generic[T]):
    """What was worked out of a state, which the key says whole: the same state never costs that again."""

    def __init__(self) -> None:
        self._answers: dict[Hashable, T] = {}

    def get(self, key: Hashable, work: Callable[[], T]) -> T:
        if key not in self._answers:
            if len(self._answers) >= MOST_STATES:
                self._answers.clear()
            self._answers[key] = work()
        return self._answers[key]
