"""The init job that makes the keys of an installation: each part gets a folder with its own keys and no others."""

import sys
from collections.abc import Iterable
from pathlib import Path

from chassis.assembly import masters_of
from chassis.config import SERVICES
from chassis.crypto import USERS, KeyFolder, write_secret

GATEWAY = "gateway"


def make_in_one_folder(folder: Path, services: Iterable[str]) -> None:
    """Make what is missing of the keys of a system that runs as one process, all in `folder`."""
    KeyFolder(folder).make([*services, GATEWAY], [name for service in services for name in masters_of(service)])


def make_apart(folder: Path, services: Iterable[str]) -> None:
    """Make what is missing in `folder/all`, and copy to `folder/<part>` what that part may know.

    Each part has its own signing key and its own master keys, auth also the one that signs for users, and all have
    the public halves. `folder/all` is for this job alone. A master key may have got versions where it is used, so
    there it is the newer one, and comes back from there.
    """
    make_in_one_folder(folder / "all", services)
    for part in (*services, GATEWAY):
        names = [f"{part}.key", "public.json"]
        names += [f"{USERS}.key"] if part == "auth" else []
        own = folder / part
        own.mkdir(mode=0o700, exist_ok=True)
        for name in names:
            _copy(folder / "all" / name, own / name)
        for master in masters_of(part) if part != GATEWAY else ():
            here, there = folder / "all" / f"{master}.master", own / f"{master}.master"
            _copy(*((there, here) if there.exists() else (here, there)))


def _copy(source: Path, target: Path) -> None:
    text = source.read_text()
    if target.exists() and target.read_text() == text:
        return
    write_secret(target, text)


if __name__ == "__main__":
    make_apart(Path(sys.argv[1]), SERVICES)
