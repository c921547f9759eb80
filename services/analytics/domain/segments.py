"""Segments as people define them: by what may be asked of a client, and how it is read."""

from collections.abc import Mapping
from typing import Any

from services.analytics.domain.conditions import Condition, Field, Mistakes, checks_of, condition_of
from services.analytics.domain.intervals import STATES
from services.analytics.domain.rfm import SEGMENTS

BIRTH_BAND = Field("whole", nullable=True, step=5)  # the first of five years
SCORE = Field("whole", within=(1, 5))
FIELDS: dict[str, Field] = {
    "visits": Field("whole", windowed=True),
    "revenue": Field("whole", windowed=True),
    "average_check": Field("whole", windowed=True),
    "discount": Field("whole", windowed=True),
    "margin": Field("whole", windowed=True),
    "days_since_last": Field("whole"),
    "days_since_first": Field("whole"),
    "days_since_registration": Field("whole"),
    "service": Field("id", windowed=True),
    "category": Field("text", windowed=True),
    "master": Field("id", windowed=True),
    "branch": Field("id", windowed=True),
    "booked_through": Field("text", nullable=True, windowed=True),
    "no_shows": Field("whole", windowed=True),
    "no_show_percent": Field("number", windowed=True),
    "cancellations": Field("whole", windowed=True),
    "source": Field("text", nullable=True),
    "referred": Field("flag"),
    "brought": Field("whole"),
    "sex": Field("text", ("female", "male"), nullable=True),
    "birth_band": BIRTH_BAND,
    "age": Field("whole"),
    "recency_score": SCORE,
    "frequency_score": SCORE,
    "money_score": SCORE,
    "rfm": Field("text", tuple(SEGMENTS)),
    "rfm_by_interval": Field("text", tuple(SEGMENTS)),
    "state": Field("text", tuple(STATES)),
    "interval_days": Field("number"),
    "overdue": Field("number"),
    "returns_percent": Field("number"),
    "alive_percent": Field("number"),
    "expected_visits": Field("number"),
    "lifetime_value": Field("number"),
    "last_master": Field("id"),
    "last_service": Field("id"),
}
OF_STANDINGS = {
    "recency_score",
    "frequency_score",
    "money_score",
    "rfm",
    "rfm_by_interval",
    "state",
    "interval_days",
    "overdue",
    "returns_percent",
    "alive_percent",
    "expected_visits",
    "lifetime_value",
    "last_master",
    "last_service",
}

DEFINITION = (
    "Clients with a card, by their completed visits: amounts in minor units, due after discounts, refunds taken off;"
    " within_days counts the visits of so many days up to today. Who never came has no days since a visit, no average"
    " check, no scores and no state, and no test of these holds of them; so it is with what a model says while none is"
    " shown. no_show_percent is of the appointments that were kept or missed; age that of the middle of the five years"
    " of birth."
)
OF_BRANCH = " Of a branch: those who came there, by their visits there."


def filter_of(document: Mapping[str, Any], place: str = "filter") -> Condition:
    """The condition that `document` says; everything that is wrong with it is refused at once, each with its place."""
    mistakes = Mistakes()
    condition = condition_of(document, FIELDS, place, mistakes)
    mistakes.refuse()
    return condition


def kept_filter(document: Mapping[str, Any]) -> Condition:
    """The condition that was saved: it was right then, and what it says does not change with what is refused now."""
    return condition_of(document, FIELDS, "filter", Mistakes())


def looks_at_standings(condition: Condition) -> bool:
    """Whether it goes by what clients are judged by each day, too."""
    return any(check.field in OF_STANDINGS for check in checks_of(condition))
