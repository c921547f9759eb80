"""Who came again, in words: the definition stands beside the figure, because every salon counts it differently.

The window of days after a closed visit is that of Zenoti's retention report (help.zenoti.com), its default too.
"""

from collections.abc import Collection
from datetime import date

MONTHS_AFTER = 12
USUAL_DAYS = 120
WINDOWS = (30, 60, 90, 120, 180, 365)  # days of which answers are kept; others are counted when they are asked for

_WHO = {
    frozenset[str](): "in the salons asked for",
    frozenset({"branch"}): "in the branch",
    frozenset({"master"}): "with the master",
    frozenset({"branch", "master"}): "with the master in the branch",
}


def definition(clients: str, days: int, group_by: Collection[str]) -> str:
    """What the rows count."""
    where = _WHO[frozenset(group_by)]
    if clients == "all":
        of = f"Clients with a completed visit {where} in the month"
        after = "one of these visits"
    else:
        of = f"Clients whose first completed visit {where if group_by else 'in the chain'} was in the month"
        after = "it"
    return (
        f"{of}; retained: another completed visit {where} on a later day, at most {days} days after {after}; "
        "lost: none. "
        f"Counted are those for whom {days} days have passed."
    )


def months_after(month: date, as_of: date) -> int:
    """How many of the calendar months after `month` (its first day) are over on `as_of`, at most MONTHS_AFTER."""
    since = (as_of.year - month.year) * 12 + as_of.month - month.month
    return min(MONTHS_AFTER, max(0, since - 1))
