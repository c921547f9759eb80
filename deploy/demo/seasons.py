"""When people come: by weekday, by month and service, and how the chain grows."""

from datetime import date

from deploy.demo.catalogue import Offer

WEEKDAYS = (0.78, 0.84, 0.92, 1.02, 1.28, 1.42, 0.94)  # Monday to Sunday
GROWTH_PER_YEAR = 0.14
# Half of a year's peaks fall on a few days: the ones before the holidays.
BEFORE_HOLIDAYS = {(3, 5): 1.35, (3, 6): 1.5, (3, 7): 1.6, (12, 28): 1.4, (12, 29): 1.5, (12, 30): 1.6, (12, 31): 0.6}
HOLIDAYS = {(1, 1): 0.0, (1, 2): 0.3, (1, 3): 0.5, (1, 7): 0.5, (5, 9): 0.5}


def demand(day: date, first: date) -> float:
    """How many people want to come on `day`, 1 being an ordinary one at the beginning of the history."""
    special = BEFORE_HOLIDAYS.get((day.month, day.day), HOLIDAYS.get((day.month, day.day), 1.0))
    return WEEKDAYS[day.weekday()] * special * float((1 + GROWTH_PER_YEAR) ** ((day - first).days / 365.25))


def wanted(offer: Offer, day: date, *, female: bool) -> float:
    """How much `offer` is wanted on `day`, between the middles of the months without steps."""
    position = (day.month - 1) + (day.day - 15) / 30
    month = int(position // 1) % 12
    share = position % 1
    season = offer.season[month] * (1 - share) + offer.season[(month + 1) % 12] * share
    return offer.weight * season * (1.0 if female else offer.men)
