"""As whom PostgreSQL runs: it refuses to be root, and we change no user and no permission of the machine for it.

Whoever owns the data folder runs the server, so the folder itself remembers which of the three ways made it:

- an ordinary user runs it directly;
- root runs it in a user namespace, where root's own files belong to an ordinary number;
- where namespaces are forbidden (some containers), root gives the folder to a number and runs the server under it.
"""

import os
import pwd
import subprocess
from collections.abc import Sequence
from pathlib import Path


def run_as_owner_of(folder: Path, command: Sequence[str | Path]) -> list[str | Path]:
    """`command`, put so that it runs as the owner of `folder` and never as root."""
    if os.geteuid() != 0:
        return list(command)
    owner = folder.stat().st_uid
    if owner == 0:
        namespace = ["unshare", "--user", f"--map-user={_named_uid()}", f"--map-group={_named_uid()}", "--"]
        if _works([*namespace, "true"]):
            return [*namespace, *command]
        owner = _named_uid()
        give(folder, owner)
    # The capability lets that user through a home folder (0700) down to the binaries and the data.
    rights = ["--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override", "--clear-groups"]
    # access(2) looks away from capabilities otherwise.
    rights.append("--securebits=+no_setuid_fixup")
    # Changing the user clears the signal that the kernel would send when we die, so it is asked for again.
    return ["setpriv", f"--reuid={owner}", f"--regid={owner}", *rights, "--pdeathsig=QUIT", "--", *command]


def give(folder: Path, owner: int) -> None:
    """Make `owner` the owner of a folder and everything in it."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner, owner, follow_symlinks=False)


def _named_uid() -> int:
    # initdb looks its user up by number and fails for one without a name; which name it is does not matter.
    return min(user.pw_uid for user in pwd.getpwall() if user.pw_uid != 0)


def _works(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False
