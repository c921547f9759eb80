"""How psycopg waits for the database in a process of green threads."""

from collections.abc import Generator
from time import monotonic
from typing import Any

from eventlet import patcher
from eventlet.hubs import trampoline
from psycopg import errors, waiting
from psycopg.waiting import READY_R, READY_W, WAIT_W


class _TimeIsUp(Exception):  # noqa: N818  not an error of anybody's
    pass


def wait_on_the_hub() -> None:
    """Let psycopg wait on eventlet's hub itself, if that is what runs here.

    Its own `wait_select` does it by an emulation of `select`, which costs twice as much as the wait itself and cannot
    take file descriptors above 1023.
    """
    if patcher.is_monkey_patched("socket"):
        waiting.wait = _wait


def _wait(gen: Generator[int, int, Any], fileno: int, interval: float = 0.0, timeout: float | None = None) -> Any:  # noqa: ARG001
    """As `psycopg.waiting.wait`; nobody interrupts a green thread, so that it need not look up at any `interval`."""
    deadline = None if timeout is None else monotonic() + timeout
    try:
        state = next(gen)
        while True:
            writes = bool(state & WAIT_W)
            left = None if deadline is None else max(0.0, deadline - monotonic())
            trampoline(fileno, read=not writes, write=writes, timeout=left, timeout_exc=_TimeIsUp)
            state = gen.send(READY_W if writes else READY_R)
    except _TimeIsUp:
        raise errors._WaitTimeout("wait timeout expired") from None  # noqa: SLF001  what psycopg expects
    except StopIteration as end:
        return end.value
