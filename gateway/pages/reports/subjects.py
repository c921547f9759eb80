"""What each subject of a report may be grouped by, counts, lists and is filtered by, as the API has it.

A test holds this against the service, so that neither knows a word that the other does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.pages.reports.words import BY_WHOM, RFM, SEXES, STATES, STATUSES

SAME = ("is", "in")
BOUNDS = ("at_least", "at_most", "above", "below")
OPERATORS = {"id": SAME, "text": SAME, "flag": ("is",), "number": BOUNDS}

BUCKETS = ("day", "week", "month", "quarter", "year")
PEOPLE = ("source", "sex", "birth_band", "state", "rfm")
WORK = ("service", "category", "master")
SOURCES = {
    "branch": "branches",
    "service": "services",
    "last_service": "services",
    "category": "categories",
    "master": "masters",
    "last_master": "masters",
}


@dataclass(frozen=True)
class Test:
    """What may be tested: `kind` as the API has it (`id`, `text`, `whole`, `number`, `day`, `flag`)."""

    kind: str
    options: tuple[str, ...] = ()
    nullable: bool = False
    windowed: bool = False

    @property
    def operators(self) -> tuple[str, ...]:
        return OPERATORS.get(self.kind, (*SAME, *BOUNDS))


@dataclass(frozen=True)
class Subject:
    """The `usual` ones are chosen to begin with."""

    dimensions: tuple[str, ...]
    measures: tuple[str, ...]
    columns: tuple[str, ...]
    tests: Mapping[str, Test]
    usual_measures: tuple[str, ...]
    usual_columns: tuple[str, ...] = ()


WHOLE = Test("whole")
NUMBER = Test("number")
COUNTED = Test("whole", windowed=True)
TRAITS = {
    "source": Test("text", nullable=True),
    "sex": Test("text", tuple(SEXES), nullable=True),
    "birth_band": Test("whole", nullable=True),
    "state": Test("text", tuple(STATES), nullable=True),
    "rfm": Test("text", tuple(RFM), nullable=True),
}
OF_VISITS = {
    "day": Test("day"),
    "weekday": WHOLE,
    **TRAITS,
    "revenue": WHOLE,
    "discount": WHOLE,
    "margin": WHOLE,
    "branch": Test("id"),
    "service": Test("id", nullable=True),
    "category": Test("text", nullable=True),
    "master": Test("id", nullable=True),
    "booked_through": Test("text", nullable=True),
    "client": Test("id", nullable=True),
    "new": Test("flag"),
}
OF_BOOKINGS = {
    "day": Test("day"),
    "weekday": WHOLE,
    **TRAITS,
    "branch": Test("id"),
    "service": Test("id", nullable=True),
    "master": Test("id", nullable=True),
    "status": Test("text", tuple(STATUSES)),
    "booked_through": Test("text", nullable=True),
    "cancelled_by": Test("text", tuple(BY_WHOM), nullable=True),
    "lead_days": Test("whole", nullable=True),
    "lead_hours": NUMBER,
    "client": Test("id", nullable=True),
}
OF_CLIENTS = {
    "visits": COUNTED,
    "revenue": COUNTED,
    "average_check": COUNTED,
    "discount": COUNTED,
    "margin": COUNTED,
    "days_since_last": WHOLE,
    "days_since_first": WHOLE,
    "days_since_registration": WHOLE,
    "service": Test("id", windowed=True),
    "category": Test("text", windowed=True),
    "master": Test("id", windowed=True),
    "branch": Test("id", windowed=True),
    "booked_through": Test("text", nullable=True, windowed=True),
    "no_shows": COUNTED,
    "no_show_percent": Test("number", windowed=True),
    "cancellations": COUNTED,
    "source": Test("text", nullable=True),
    "referred": Test("flag"),
    "brought": WHOLE,
    "sex": Test("text", tuple(SEXES), nullable=True),
    "birth_band": Test("whole", nullable=True),
    "age": WHOLE,
    "recency_score": WHOLE,
    "frequency_score": WHOLE,
    "money_score": WHOLE,
    "rfm": Test("text", tuple(RFM)),
    "rfm_by_interval": Test("text", tuple(RFM)),
    "state": Test("text", tuple(STATES)),
    "interval_days": NUMBER,
    "overdue": NUMBER,
    "returns_percent": NUMBER,
    "alive_percent": NUMBER,
    "expected_visits": NUMBER,
    "lifetime_value": NUMBER,
    "last_master": Test("id"),
    "last_service": Test("id"),
}

SUBJECTS: Mapping[str, Subject] = {
    "visits": Subject(
        (*BUCKETS, "weekday", "branch", *WORK, "booked_through", *PEOPLE),
        ("visits", "clients", "new_clients", "revenue", "discount", "margin", "average_check"),
        (
            "day",
            "weekday",
            "branch",
            "client",
            "booked_through",
            *PEOPLE,
            *WORK,
            "new",
            "revenue",
            "discount",
            "margin",
        ),
        OF_VISITS,
        ("visits", "clients", "revenue"),
        ("day", "branch", "client", "revenue"),
    ),
    "bookings": Subject(
        (
            *(*BUCKETS, "weekday", "branch", "service", "master", "status"),
            *("booked_through", "cancelled_by", "lead_days", *PEOPLE),
        ),
        (
            *("bookings", "clients", "kept", "cancelled", "no_shows", "cancelled_percent"),
            *("no_show_percent", "lead_hours"),
        ),
        (
            *("day", "weekday", "branch", "client", "status", "booked_through", "cancelled_by"),
            *("lead_days", "lead_hours", "service", "master", *PEOPLE),
        ),
        OF_BOOKINGS,
        ("bookings", "kept", "cancelled", "no_shows"),
        ("day", "branch", "client", "status"),
    ),
    "clients": Subject(
        (*BUCKETS, *PEOPLE, "referred"),
        ("clients", "visits", "revenue", "discount", "margin", "average_check"),
        (
            *("client", *PEOPLE, "referred", "first_day", "last_day", "visits"),
            *("revenue", "discount", "margin", "average_check"),
        ),
        OF_CLIENTS,
        ("clients", "visits", "revenue"),
        ("client", "first_day", "last_day", "visits", "revenue"),
    ),
    "sources": Subject(
        ("month", "quarter", "year", "source"),
        ("clients", "new_clients", "visits", "revenue", "discount", "margin", "cost", "cost_per_new_client"),
        (),
        {"source": TRAITS["source"]},
        ("clients", "new_clients", "revenue", "cost"),
    ),
}
