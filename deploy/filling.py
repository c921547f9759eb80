"""Has the demo chain filled in beside the running site, and says who can sign in to it."""

import signal
import subprocess
import sys
import time

from chassis.config import Settings
from deploy import processes
from deploy.demo.loading import is_complete
from deploy.demo.logins import FILE
from deploy.greeting import say
from deploy.installation import Installation

_PAUSE_SECONDS = 2.0


class Filling:
    """The process that fills the demo; it is begun again if it dies, and goes on where it was."""

    def __init__(self, installation: Installation, settings: Settings, password: str | None) -> None:
        self._installation = installation
        self._settings = settings
        self._password = password
        self._process: subprocess.Popen[bytes] | None = None
        self._not_before = 0.0
        self._logins_said = False

    def look(self) -> None:
        """Do what there is to do now; called again and again."""
        self._say_logins()
        running = self._process is not None and self._process.poll() is None
        if running or is_complete(self._installation.folder) or time.monotonic() < self._not_before:
            return
        self._not_before = time.monotonic() + _PAUSE_SECONDS
        self._process = processes.spawn(
            [sys.executable, "-m", "deploy.demo", "--url", f"http://{_reachable(self._settings.listen)}"],
            log=None,
            environment={
                "LOKON_DATA": str(self._installation.folder),
                "LOKON_OWNER_PASSWORD": self._password or "",
            },
        )

    def stop(self) -> None:
        """End it; the next start goes on."""
        if self._process is not None:
            processes.stop(self._process, (signal.SIGTERM, 1))

    def _say_logins(self) -> None:
        logins = self._installation.folder / FILE
        if self._logins_said or not logins.exists():
            return
        say(f"Who can sign in, also in {logins}:\n{logins.read_text(encoding='utf-8').rstrip()}")
        self._logins_said = True
        # From here on the file says it, should this process end before the demo is complete.
        self._installation.note_password_shown()


def _reachable(listen: str) -> str:
    host, _, port = listen.rpartition(":")
    return f"127.0.0.1:{port}" if host in ("", "0.0.0.0", "[::]") else listen  # noqa: S104 - compared, not bound
