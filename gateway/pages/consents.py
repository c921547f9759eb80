"""Which of the texts that clients agree to hold now."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from contracts.clients import ConsentDocument


def in_force(documents: Iterable[ConsentDocument], now: datetime) -> list[ConsentDocument]:
    """One for each purpose; they come as they are listed, by purpose, the newest version of each first."""
    valid = (each for each in documents if each.valid_from <= now)
    return [next(versions) for _purpose, versions in groupby(valid, key=lambda each: each.purpose)]
