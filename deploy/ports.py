"""Ports of the loopback: which are free, and whether what should answer there does."""

import contextlib
import socket
import urllib.error
import urllib.request
from pathlib import Path
from secrets import SystemRandom

_GIVEN_TO_CALLERS = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST, _HIGHEST = 10_000, 65_535


def free(count: int) -> list[int]:
    """Ports that nobody uses at this moment.

    They are none of those that the kernel gives to whoever only calls: a port of those could be taken again before its
    program gets as far as to listen, or while that program is dead and about to be started again.
    """
    with contextlib.ExitStack() as stack:
        found: list[int] = []
        for port in _in_any_order():
            one = stack.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                one.bind(("127.0.0.1", port))
                found.append(one.getsockname()[1])
            if len(found) == count:
                return found
        raise OSError("there is no free port")


def _in_any_order() -> list[int]:
    """What may be tried; 0, which leaves it to the kernel, where it gives away nearly all of them."""
    try:
        first, last = map(int, _GIVEN_TO_CALLERS.read_text().split())
    except (OSError, ValueError):
        first, last = 32_768, 60_999
    ours = [port for port in range(_LOWEST, _HIGHEST + 1) if not first <= port <= last]
    return SystemRandom().sample(ours, min(len(ours), 500)) if len(ours) > 1_000 else [0] * 500


def is_ready(address: str) -> bool:
    """Whether the health endpoint at host:port says that everything is there."""
    try:
        with urllib.request.urlopen(f"http://{address}/health/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False
