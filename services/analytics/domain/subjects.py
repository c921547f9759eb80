"""What reports may be of: what each subject is grouped by, counts, lists and is filtered by, and what that means."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.analytics.domain import segments
from services.analytics.domain.conditions import Field
from services.analytics.domain.intervals import STATES
from services.analytics.domain.rfm import SEGMENTS

BUCKETS = ("day", "week", "month", "quarter", "year")
MONTHS = ("month", "quarter", "year")
OF_WORK = ("service", "category", "master")  # what only the parts of a visit or of a booking know
PEOPLE = ("source", "sex", "birth_band", "state", "rfm")
STATUSES = ("booked", "confirmed", "arrived", "completed", "cancelled", "no_show")
BY_WHOM = ("client", "staff", "erasure")

CALENDAR = {"day": Field("day"), "weekday": Field("whole", within=(0, 6))}
TRAITS = {
    "source": Field("text", nullable=True),
    "sex": Field("text", ("female", "male"), nullable=True),
    "birth_band": segments.BIRTH_BAND,
    "state": Field("text", tuple(STATES), nullable=True),
    "rfm": Field("text", tuple(SEGMENTS), nullable=True),
}
AMOUNTS = {"revenue": Field("whole"), "discount": Field("whole"), "margin": Field("whole")}
SHARED = {
    "revenue": "revenue: due after discounts, retail included, refunds taken off, before tax.",
    "discount": "discount: what was given away.",
    "margin": "margin: revenue less the salon's own cost of what was done and sold.",
    "average_check": "average_check: revenue divided by visits, rounded once.",
    "source": "source: the channel of the first acquaintance, at the root of the chain of those who brought them.",
    "booked_through": "booked_through: the channel of the booking itself.",
    "weekday": "weekday: 0 is Monday.",
    "state": "state, rfm: as they were judged last, in the chain or in the one branch that is looked at.",
    "birth_band": "birth_band: the first of the five years in which they were born.",
}


@dataclass(frozen=True)
class Subject:
    """`counted` is the figure without which there is no row; the first `usual` measures and columns are the default."""

    counted: str
    dimensions: tuple[str, ...]
    measures: tuple[str, ...]
    columns: tuple[str, ...]
    fields: Mapping[str, Field]
    definitions: Mapping[str, str]
    usual_measures: tuple[str, ...]
    usual_columns: tuple[str, ...] = ()
    always: str = ""
    by_parts: str = ""
    parts: frozenset[str] = field(default_factory=frozenset)


VISITS = Subject(
    counted="visits",
    dimensions=(*BUCKETS, "weekday", "branch", *OF_WORK, "booked_through", *PEOPLE),
    measures=("visits", "clients", "new_clients", "revenue", "discount", "margin", "average_check"),
    columns=(
        *("day", "weekday", "branch", "client", "booked_through", *PEOPLE),
        *(*OF_WORK, "new", "revenue", "discount", "margin"),
    ),
    fields={
        **CALENDAR,
        **TRAITS,
        **AMOUNTS,
        "branch": Field("id"),
        "service": Field("id", nullable=True),
        "category": Field("text", nullable=True),
        "master": Field("id", nullable=True),
        "booked_through": Field("text", nullable=True),
        "client": Field("id", nullable=True),
        "new": Field("flag"),
    },
    definitions={
        "visits": "visits: completed visits that fit the filter, by the date of their start in the branch.",
        "clients": "clients: different people among them; visits without a card count nobody.",
        "new_clients": "new_clients: those of them whose first completed visit in the chain is among these.",
        **SHARED,
    },
    usual_measures=("visits", "clients", "revenue"),
    usual_columns=("day", "branch", "client", "revenue"),
    by_parts=(
        "Where service, category or master is grouped or filtered by, the parts of visits that fit are counted: a visit"
        " counts once in each group that one of its parts is in, with the revenue of those parts."
    ),
    parts=frozenset(OF_WORK),
)

BOOKINGS = Subject(
    counted="bookings",
    dimensions=(
        *(*BUCKETS, "weekday", "branch", "service", "master", "status"),
        *("booked_through", "cancelled_by", "lead_days", *PEOPLE),
    ),
    measures=(
        *("bookings", "clients", "kept", "cancelled", "no_shows", "cancelled_percent"),
        *("no_show_percent", "lead_hours"),
    ),
    columns=(
        *("day", "weekday", "branch", "client", "status", "booked_through", "cancelled_by"),
        *("lead_days", "lead_hours", "service", "master", *PEOPLE),
    ),
    fields={
        **CALENDAR,
        **TRAITS,
        "branch": Field("id"),
        "service": Field("id", nullable=True),
        "master": Field("id", nullable=True),
        "status": Field("text", STATUSES),
        "booked_through": Field("text", nullable=True),
        "cancelled_by": Field("text", BY_WHOM, nullable=True),
        "lead_days": Field("whole", nullable=True),
        "lead_hours": Field("number"),
        "client": Field("id", nullable=True),
    },
    definitions={
        "bookings": "bookings: appointments that fit the filter, by the date of their start, whatever became of them.",
        "clients": "clients: different people among them.",
        "kept": "kept: those that were completed.",
        "cancelled": "cancelled: those that were cancelled, by the client, by staff or by an erasure.",
        "no_shows": "no_shows: those to which nobody came.",
        "cancelled_percent": "cancelled_percent: cancelled ones among all.",
        "no_show_percent": "no_show_percent: no-shows among those that were kept or missed.",
        "lead_hours": "lead_hours: from booking to start, on average where several; none of what was entered later.",
        "lead_days": "lead_days: whole days from booking to start.",
        **SHARED,
    },
    usual_measures=("bookings", "kept", "cancelled", "no_shows"),
    usual_columns=("day", "branch", "client", "status"),
    by_parts=(
        "Where service or master is grouped or filtered by, a booking counts once in each group that one of its"
        " segments is in."
    ),
    parts=frozenset({"service", "master"}),
)

CLIENTS = Subject(
    counted="clients",
    dimensions=(*BUCKETS, *PEOPLE, "referred"),
    measures=("clients", "visits", "revenue", "discount", "margin", "average_check"),
    columns=(
        *("client", *PEOPLE, "referred", "first_day", "last_day", "visits"),
        *("revenue", "discount", "margin", "average_check"),
    ),
    fields=segments.FIELDS,
    definitions={
        "visits": "visits: completed visits on these dates.",
        "last_day": "last_day: of the last of these visits.",
        **SHARED,
    },
    usual_measures=("clients", "visits", "revenue"),
    usual_columns=("client", "first_day", "last_day", "visits", "revenue"),
    always=(
        "clients: people with a completed visit on these dates; day, week, month, quarter, year and first_day are of"
        " their first visit in the chain."
    ),
)

SOURCES = Subject(
    counted="visits",
    dimensions=(*MONTHS, "source"),
    measures=(
        *("clients", "new_clients", "visits", "revenue", "discount", "margin"),
        *("cost", "cost_per_new_client"),
    ),
    columns=(),
    fields={"source": TRAITS["source"]},
    definitions={
        **VISITS.definitions,
        "cost": "cost: what the channels cost on these dates, of the chain only, a month's cost by the day.",
        "cost_per_new_client": "cost_per_new_client: cost divided by new_clients.",
    },
    usual_measures=("clients", "new_clients", "revenue", "cost"),
)

SUBJECTS: Mapping[str, Subject] = {
    "visits": VISITS,
    "bookings": BOOKINGS,
    "clients": CLIENTS,
    "sources": SOURCES,
}
