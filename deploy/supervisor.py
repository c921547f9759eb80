"""Keeps a handful of child processes running, and ends them all in time."""

import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Protocol

from deploy import processes
from deploy.processes import CannotStart

_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 5.0
# Who ran this long was healthy: the next death starts with the shortest pause again.
_HEALTHY_AFTER_SECONDS = 30.0
# Together with the patience of broker and database, all has ended within 20 seconds, whatever hangs.
_TERM_PATIENCE_SECONDS = 10.0
_FRONT_PATIENCE_SECONDS = 5.0  # of these, before those behind are asked to stop, too
_LOOK_EVERY_SECONDS = 0.1


class Kept(Protocol):
    """What the supervisor can keep running: a Program, the database server, the broker."""

    @property
    def name(self) -> str: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def alive(self) -> bool: ...


@dataclass
class Program:
    """One child process with its settings and its log file; ready as soon as `ready` says so.

    `front` is what people talk to: it is asked to stop first, while those behind still answer what it has begun.
    """

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str]
    log: Path
    ready: Callable[[], bool]
    front: bool = False
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process; it ends with us."""
        self.process = processes.spawn(self.command, log=self.log, environment=self.environment)

    def ask_to_stop(self) -> None:
        """Send SIGTERM: it finishes what it began."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def stop(self) -> None:
        """Wait no longer: kill what still runs."""
        if self.process is not None:
            processes.stop(self.process)

    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None


class _StopAskedFor(BaseException):
    """SIGTERM or Ctrl-C came."""


class Supervisor:
    """Starts the foundations (database, broker) one after another, then all programs, and restarts what dies.

    `run` returns 0 after SIGTERM or SIGINT, when everything has ended.
    """

    def __init__(
        self, foundations: Sequence[Kept], plan: Callable[[], Sequence[Program]], start_within_seconds: float
    ) -> None:
        """`plan` says which programs to run; it is asked when the foundations stand and have addresses."""
        self._foundations = foundations
        self._plan = plan
        self._programs: Sequence[Program] = ()
        self._start_within_seconds = start_within_seconds
        self._stopping = False
        self._restarts: defaultdict[str, _Restart] = defaultdict(_Restart)

    def run(self, on_ready: Callable[[], None]) -> int:
        """Start everything, call `on_ready`, and keep it running until a signal asks to stop."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._note_signal)
        try:
            for foundation in self._foundations:
                foundation.start()
            self._programs = self._plan()
            for program in self._programs:
                program.start()
            self._wait_until_ready()
            on_ready()
            while True:
                self._restart_the_dead()
                time.sleep(_LOOK_EVERY_SECONDS)
        except CannotStart as failure:
            sys.stderr.write(f"{failure}\n")
            return 1
        except _StopAskedFor:
            return 0
        finally:
            self._stopping = True
            self._stop_all()

    def _note_signal(self, _number: int, _frame: FrameType | None) -> None:
        # Raised, not noted: the wait for a broker that does not come up must end, too. Whatever was half started
        # then ends with us.
        if not self._stopping:
            self._stopping = True
            raise _StopAskedFor

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + self._start_within_seconds
        waiting = list(self._programs)
        while waiting:
            for program in waiting:
                if not program.alive():
                    raise CannotStart(f"{program.name} ended at its start:\n{processes.last_lines(program.log)}")
            waiting = [program for program in waiting if not program.ready()]
            if waiting and time.monotonic() > deadline:
                first = waiting[0]
                raise CannotStart(f"{first.name} is not ready in time:\n{processes.last_lines(first.log)}")
            time.sleep(_LOOK_EVERY_SECONDS)

    def _restart_the_dead(self) -> None:
        for kept in (*self._foundations, *self._programs):
            if kept.alive():
                continue
            restart = self._restarts[kept.name]
            if restart.due(time.monotonic()):
                sys.stderr.write(f"{kept.name} ended and is started again.\n")
                try:
                    kept.start()
                except CannotStart as failure:
                    sys.stderr.write(f"{failure}\n")

    def _stop_all(self) -> None:
        began = time.monotonic()
        front = [program for program in self._programs if program.front]
        behind = [program for program in self._programs if not program.front]
        _ask_to_stop(front, until=began + _FRONT_PATIENCE_SECONDS)
        _ask_to_stop(behind, until=began + _TERM_PATIENCE_SECONDS)
        for program in self._programs:
            if program.alive():
                sys.stderr.write(f"{program.name} did not stop in time and is killed.\n")
        # The programs first: they need the database and the broker to finish what they began.
        for kept in (*self._programs, *reversed(self._foundations)):
            kept.stop()


def _ask_to_stop(programs: Sequence[Program], until: float) -> None:
    """Send SIGTERM to all of them, and wait until they have ended, or until that moment."""
    for program in programs:
        program.ask_to_stop()
    while any(program.alive() for program in programs) and time.monotonic() < until:
        time.sleep(_LOOK_EVERY_SECONDS / 2)


@dataclass
class _Restart:
    """When one that died may be started again: later each time, unless it ran well in between."""

    pause_seconds: float = _FIRST_PAUSE_SECONDS
    last: float = float("-inf")
    not_before: float | None = None

    def due(self, now: float) -> bool:
        if self.not_before is None:
            healthy = now - self.last > _HEALTHY_AFTER_SECONDS
            self.pause_seconds = (
                _FIRST_PAUSE_SECONDS if healthy else min(self.pause_seconds * 2, _LONGEST_PAUSE_SECONDS)
            )
            self.not_before = now + self.pause_seconds
        if now < self.not_before:
            return False
        self.last, self.not_before = now, None
        return True
