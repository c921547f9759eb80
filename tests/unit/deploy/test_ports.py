"""Ports for the processes of one computer: two systems that start together are not given the same."""

import subprocess
import sys

import pytest

from deploy import ports


@pytest.fixture
def another():
    """A process that was given five ports, listens on none of them yet, and ends when it is told to."""
    asks = "from deploy import ports; print(*ports.free(5), flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", asks], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def test_what_one_was_given_nobody_else_is_until_it_has_ended(another, monkeypatch):
    given = [int(port) for port in another.stdout.readline().split()]
    monkeypatch.setattr(ports, "_in_any_order", lambda: given)
    with pytest.raises(OSError, match="no free port"):
        ports.free(1)
    another.communicate("\n")
    assert ports.free(5) == given


def test_the_same_process_is_not_given_a_port_twice(monkeypatch):
    [port] = ports.free(1)
    monkeypatch.setattr(ports, "_in_any_order", lambda: [port])
    with pytest.raises(OSError, match="no free port"):
        ports.free(1)


def test_none_is_of_those_that_callers_are_given():
    first, last = map(int, ports._GIVEN_TO_CALLERS.read_text().split())
    assert not [port for port in ports.free(20) if first <= port <= last]
