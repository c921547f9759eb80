"""What the machine itself must have, installed by its own package manager where that is possible without asking."""

import os
import shutil
import subprocess

from chassis import config


def install(*names: str) -> bool:
    """Install Debian packages if we are root on Debian or Ubuntu; whether that was done."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    # RUNLEVEL=1: a server that is installed for private use must not start one for the whole machine.
    environment = {**config.environment(), "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    patience = ["-o", "DPkg::Lock::Timeout=300"]
    for command in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *names]):
        done = subprocess.run(
            ["apt-get", *patience, *command], check=False, env=environment, stdin=subprocess.DEVNULL, stdout=2
        )
        if done.returncode != 0:
            return False
    return True
