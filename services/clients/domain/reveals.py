"""How long a shift is, and what stays to be seen of an e-mail."""

from datetime import timedelta

SHIFT = timedelta(hours=12)  # from the first card that is opened in it
WATCHED = timedelta(hours=1)  # in which so many cards are too many
KEPT = timedelta(days=2)  # an opening is told to the journal; here it only counts
HIDDEN = "•••"


def hidden_email(email: str) -> str:
    """`a•••@example.org`: enough to tell two apart, not to write to anybody."""
    name, _, domain = email.rpartition("@")
    return f"{name[:1] if len(name) > 1 else ''}{HIDDEN}@{domain}"
