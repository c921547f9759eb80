"""Child processes that stay in our process group and end with us, whatever ends us."""

import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from chassis import config

_PR_SET_PDEATHSIG = 1
# Looked up before any fork: the child between fork and exec must not load libraries.
_prctl = ctypes.CDLL(None, use_errno=True).prctl


class CannotStart(Exception):  # noqa: N818 - named like the refusals of the kernel
    """Something that we need is missing or does not come up; the text is one sentence for the person who started us."""


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path | None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    when_parent_dies: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start `command` in the foreground, its output appended to `log`, or in the terminal without one.

    The kernel sends `when_parent_dies` when the *thread* that called this ends, so call it from a thread that lives
    as long as the program. `environment` is added to our own.
    """
    with contextlib.ExitStack() as stack:
        output = None
        if log is not None:
            log.parent.mkdir(parents=True, exist_ok=True)
            output = stack.enter_context(log.open("ab"))
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**config.environment(), **(environment or {})},
            preexec_fn=_ending_with(os.getpid(), when_parent_dies),  # noqa: PLW1509 - only calls that are safe there
        )


def end_with_parent(when_parent_dies: signal.Signals = signal.SIGTERM) -> None:
    """Make this very process end when the one that started it (make, a test) is killed."""
    _prctl(_PR_SET_PDEATHSIG, when_parent_dies)


def stop(process: subprocess.Popen[bytes], *ladder: tuple[signal.Signals, float]) -> int:
    """Send one signal after another, each with its seconds of patience, then SIGKILL; the exit code."""
    for number, patience in ladder:
        if process.poll() is not None:
            break
        process.send_signal(number)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
    if process.poll() is None:
        process.kill()
    return process.wait()


def last_lines(log: Path, count: int = 20) -> str:
    """The end of a log file, for the message that says why something did not start."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 16_384))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-count:])


def _ending_with(parent: int, number: signal.Signals) -> Callable[[], None]:
    def between_fork_and_exec() -> None:
        _prctl(_PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # it died before the call above: nobody would tell us any more
            os._exit(1)

    return between_fork_and_exec
