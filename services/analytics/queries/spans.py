"""How a period is made of whole months and of days beside them, for what is kept by both."""

from datetime import date, timedelta

from services.analytics.domain.periods import end_of_month


def spans(first: date, last: date, *, by_month: bool) -> tuple[str, dict[str, date]]:
    """The condition on `span` and `since`, and what it is given: months where they are whole, if they will do."""
    since = first if first.day == 1 else end_of_month(first) + timedelta(days=1)
    until = last if last == end_of_month(last) else last.replace(day=1) - timedelta(days=1)
    if not by_month or since > until:
        return "(span = 'day' AND since BETWEEN :first AND :last)", {"first": first, "last": last}
    condition = """(
        span = 'month' AND since BETWEEN :since AND :until
        OR span = 'day' AND since >= :first AND since < :since
        OR span = 'day' AND since > :until AND since <= :last
    )"""
    return condition, {"first": first, "last": last, "since": since, "until": until}
