"""Ports of the loopback: which are free, and whether what should answer there does."""

import contextlib
import socket
import sys
import urllib.error
import urllib.request
from pathlib import Path
from secrets import SystemRandom

_GIVEN_TO_CALLERS = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST, _HIGHEST = 10_000, 65_535


def free(count: int) -> list[int]:
    """Ports that nobody uses at this moment, and that nobody else is given here while this process lives.

    They are none of those that the kernel gives to whoever only calls: a port of those could be taken again before its
    program gets as far as to listen, or while that program is dead and about to be started again.
    """
    with contextlib.ExitStack() as stack:
        found: list[int] = []
        for port in _in_any_order():
            one = stack.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                one.bind(("127.0.0.1", port))
                given = one.getsockname()[1]
                _mark(given)
                found.append(given)
            if len(found) == count:
                return found
        raise OSError("there is no free port")


def _mark(port: int) -> None:
    """Take the port's name among the kernel's own, which ends with this process; OSError if another has it.

    Only Linux has such names. Elsewhere two that ask within the same moment may be given the same port.
    """
    if sys.platform == "linux":
        mark = socket.socket(socket.AF_UNIX)
        try:
            mark.bind(f"\0lokon/port/{port}")
        except OSError:
            mark.close()
            raise
        mark.detach()  # it stays open as long as the process lives


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
