"""Where the browser of the tests comes from: Debian's Chromium, installed if need be, never silently left out."""

import shutil

from deploy import packages
from deploy.processes import CannotStart

# As root Chromium has no sandbox; and a test browser must not call home.
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def ensure_chromium() -> str:
    """The path of Chromium, for Playwright's `executable_path`."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found is not None:
            return found
    if packages.install("chromium"):
        installed = shutil.which("chromium")
        if installed is not None:
            return installed
    raise CannotStart("Chromium is missing and could not be installed; on Debian: apt-get install chromium")
