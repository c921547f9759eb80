"""What whoever started Lokon reads in the terminal: the address, the ways in, and how to stop it."""

import sys

from chassis.config import Settings
from deploy.installation import Installation


def greet(installation: Installation, settings: Settings) -> None:
    """Say where Lokon is, and once, and never again, the password that was generated for the first owner."""
    say_address(installation, settings)
    password = installation.generated_password()
    if password is not None:
        say(f"The owner signs in as owner with the password {password} (it is shown this once).")
    installation.note_password_shown()


def say_address(installation: Installation, settings: Settings) -> None:
    """Say where Lokon is and how to stop it."""
    say(f"Lokon is at http://{settings.listen} — its logs are in {installation.logs}. Ctrl-C stops it.")


def say(text: str) -> None:
    """Print for a person."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
