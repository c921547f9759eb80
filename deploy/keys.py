"""The init job that makes the keys of an installation: each part gets a folder with its own keys and no others."""

import sys
from collections.abc import Iterable
from pathlib import Path

from chassis.config import SERVICES
from chassis.crypto import USERS, KeyFolder

GATEWAY = "gateway"


def make_in_one_folder(folder: Path, services: Iterable[str]) -> None:
    """Make what is missing of the keys of a system that runs as one process, all in `folder`."""
    KeyFolder(folder).make([*services, GATEWAY], services)


def make_apart(folder: Path, services: Iterable[str]) -> None:
    """Make what is missing in `folder/all`, and copy to `folder/<part>` what that part may know.

    Each part has its own signing key and its own master key, auth also the one that signs for users, and all have
    the public halves. `folder/all` is for this job alone.
    """
    make_in_one_folder(folder / "all", services)
    for part in (*services, GATEWAY):
        names = [f"{part}.key", "public.json"]
        names += [f"{part}.master"] if part != GATEWAY else []
        names += [f"{USERS}.key"] if part == "auth" else []
        own = folder / part
        own.mkdir(mode=0o700, exist_ok=True)
        for name in names:
            _copy(folder / "all" / name, own / name)


def _copy(source: Path, target: Path) -> None:
    text = source.read_text()
    if target.exists() and target.read_text() == text:
        return
    new = target.with_name(f"{target.name}.new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(text)
    new.replace(target)


if __name__ == "__main__":
    make_apart(Path(sys.argv[1]), SERVICES)
