"""Work that would stop everybody, done in a thread of its own where green threads share this one."""

import importlib
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, TypeVar

Result = TypeVar("Result")


class Lane:
    """What is done aside one at a time in this process, so that it takes one core and its memory once.

    What is done in another lane does not wait for it: a sign-in not for a picture, nor for a table.
    """

    def __call__(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """What `work` returns or raises.

        eventlet is not imported here: where nobody else has, there are no green threads to stop.
        """
        eventlet: Any = sys.modules.get("eventlet")
        green = eventlet is not None and eventlet.patcher.is_monkey_patched("thread")
        with _turn(self, green):
            if not green:
                return work(*arguments)
            result: Result = importlib.import_module("eventlet.tpool").execute(work, *arguments)
            return result


@cache
def _turn(_of: Lane, green: bool) -> AbstractContextManager[Any]:
    """Green threads must not wait on a lock of real ones."""
    turn: AbstractContextManager[Any] = (
        importlib.import_module("eventlet.semaphore").Semaphore(1) if green else threading.Lock()
    )
    return turn


aside = Lane()  # for pictures, tables and documents: seconds, and hundreds of megabytes each
