"""Ports of the loopback: which are free, and whether what should answer there does."""

import contextlib
import socket
import urllib.error
import urllib.request


def free(count: int) -> list[int]:
    """Ports that nobody uses at this moment."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def is_ready(address: str) -> bool:
    """Whether the health endpoint at host:port says that everything is there."""
    try:
        with urllib.request.urlopen(f"http://{address}/health/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False
