"""`python -m deploy.operate SERVICE COMMAND …`: what an operator does to the installation in LOKON_DATA.

They are those of `chassis.runner`; this fills in where the databases and the keys of the installation are.
"""

import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from chassis import assembly, config
from chassis.config import SERVICES, Misconfigured, Settings
from deploy.installation import Installation
from deploy.postgres import PostgresServer
from deploy.processes import CannotStart

_COMMANDS = ("parked", "rebuild", "journal", "keys")
_NOBODY_LISTENS = "inprocess://operator"  # relays look after a second by themselves, consumers within half a minute


def main(words: list[str]) -> int:
    """Run the command in an environment of its own; its exit code."""
    if len(words) < 2 or words[0] not in SERVICES or words[1] not in _COMMANDS:
        print(f"usage: python -m deploy.operate {{{','.join(SERVICES)}}} {{{'|'.join(_COMMANDS)}}} …", file=sys.stderr)
        return 2
    try:
        own = surroundings(words[0], config.settings())
    except (CannotStart, Misconfigured) as failure:
        sys.exit(f"lokon: {failure}")
    command = [sys.executable, "-m", "chassis.runner", *words]
    return subprocess.run(command, check=False, env=config.environment() | own).returncode


def surroundings(service: str, settings: Settings) -> dict[str, str]:
    """The settings of `service` in the installation of `settings`; it has to run, because its database server does."""
    installation = Installation(settings.data)
    socket = PostgresServer.socket_of_running(installation.postgres)
    if socket is None:
        raise CannotStart(f"nothing runs on {settings.data}; start it, or name another folder by LOKON_DATA.")
    apart = installation.keys / service
    return {
        "LOKON_BUS": _NOBODY_LISTENS,
        "LOKON_KEYS": str(apart if apart.is_dir() else installation.keys),
    } | {
        f"LOKON_{database.upper()}_DATABASE": _address(database, service, socket)
        for database in assembly.databases_of(service)
    }


def _address(database: str, role: str, socket: Path) -> str:
    return f"postgresql+psycopg://{role}@/{database}?host={quote(str(socket), safe='')}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
