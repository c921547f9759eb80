"""What whoever started Lokon reads in the terminal: the address, the way in, and how to stop it."""

import sys

from chassis.config import Settings
from deploy.installation import Installation


def greet(installation: Installation, settings: Settings) -> None:
    """Say where Lokon is, and once, and never again, the password that was generated for the first owner."""
    say(f"Lokon is at http://{settings.listen} — its logs are in {installation.logs}. Ctrl-C stops it.")
    password = installation.generated_password()
    if password is not None:
        say(f"The owner signs in as owner with the password {password} (it is shown this once).")
    installation.note_password_shown()


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
