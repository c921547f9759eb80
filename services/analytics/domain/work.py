"""How work went, in words: the definitions stand beside the figures."""

from datetime import date, timedelta

from kernel.errors import Invalid

REBOOKED_WITHIN = timedelta(hours=24)
LATE_MINUTES = 5
LONGEST_DAYS = 2 * 366

DEFINITION = (
    "Revenue: due for completed visits after discounts, retail included, refunds taken off. Average check: revenue by "
    "visits. Rebooked: 24 hours after the visit's end its client had a later appointment anywhere in the chain, made "
    "by then and not cancelled by then; of visits with a card that were booked here, once 24 hours have passed since "
    "the last of their day at the branch ended. Appointments: those that were booked here, erased clients left out; "
    "what was entered afterwards or taken over from another system is none of them. Cancelled: of appointments. "
    "Missed: of appointments that were kept or "
    f"missed. Late: at least {LATE_MINUTES} minutes after the start, of arrivals that were noted. Everything belongs "
    "to the date of its start."
)


def check_length(first: date, last: date) -> None:
    """Rebooking looks at every visit: two years at most."""
    if (last - first).days >= LONGEST_DAYS:
        raise Invalid.field("to", "period_too_long", f"work is shown for {LONGEST_DAYS} days at most")
