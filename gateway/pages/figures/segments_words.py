"""What may be asked of a client of a segment: its name, its kind, and how values are compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gateway.pages.languages import noted as _

Kind = Literal["whole", "money", "percent", "number", "text", "service", "master", "branch", "flag", "choice"]


@dataclass(frozen=True)
class Asked:
    """`windowed`: may be counted over so many days only. `blank` is what an empty value means, if it means anything."""

    label: str
    kind: Kind
    windowed: bool = False
    options: tuple[str, ...] = ()
    blank: str = ""


SEGMENTS = (
    "new", "champions", "loyal", "potential", "promising", "needs_attention", "about_to_sleep", "at_risk", "cooling",
    "hibernating",
)  # fmt: skip
STATES = ("active", "due", "at_risk", "sleeping", "lost")
NOT_TOLD = _("not told")

GROUPS: tuple[tuple[str, Mapping[str, Asked]], ...] = (
    (
        _("Visits"),
        {
            "visits": Asked(_("Number of visits"), "whole", windowed=True),
            "revenue": Asked(_("Revenue"), "money", windowed=True),
            "average_check": Asked(_("Average check"), "money", windowed=True),
            "discount": Asked(_("Discounts"), "money", windowed=True),
            "margin": Asked(_("Margin"), "money", windowed=True),
            "service": Asked(_("Came for the service"), "service", windowed=True),
            "category": Asked(_("Came for the category"), "text", windowed=True),
            "master": Asked(_("Came to the master"), "master", windowed=True),
            "branch": Asked(_("Came to the branch"), "branch", windowed=True),
            "booked_through": Asked(_("Booked through the channel"), "text", windowed=True, blank=NOT_TOLD),
        },
    ),
    (
        _("Since when"),
        {
            "days_since_last": Asked(_("Days since the last visit"), "whole"),
            "days_since_first": Asked(_("Days since the first visit"), "whole"),
            "days_since_registration": Asked(_("Days since registration"), "whole"),
        },
    ),
    (
        _("Appointments"),
        {
            "no_shows": Asked(_("Missed appointments"), "whole", windowed=True),
            "no_show_percent": Asked(_("Missed, share"), "percent", windowed=True),
            "cancellations": Asked(_("Cancellations"), "whole", windowed=True),
        },
    ),
    (
        _("The card"),
        {
            "source": Asked(_("Channel of the first acquaintance"), "text", blank=NOT_TOLD),
            "referred": Asked(_("Was brought by a client"), "flag"),
            "brought": Asked(_("People whom they brought"), "whole"),
            "sex": Asked(_("Sex"), "choice", options=("female", "male"), blank=NOT_TOLD),
            "age": Asked(_("Age, about"), "whole"),
        },
    ),
    (
        _("What is foreseen"),
        {
            "state": Asked(_("State"), "choice", options=STATES),
            "rfm": Asked(_("Segment (RFM)"), "choice", options=SEGMENTS),
            "recency_score": Asked(_("Score of recency, 1 to 5"), "whole"),
            "frequency_score": Asked(_("Score of frequency, 1 to 5"), "whole"),
            "money_score": Asked(_("Score of money, 1 to 5"), "whole"),
            "interval_days": Asked(_("Usual days between visits"), "number"),
            "overdue": Asked(_("Overdue, in personal intervals"), "number"),
            "returns_percent": Asked(_("Chance to come within 90 days"), "percent"),
            "alive_percent": Asked(_("Chance that they have not left"), "percent"),
            "expected_visits": Asked(_("Visits to expect in 90 days"), "number"),
            "lifetime_value": Asked(_("Revenue of the next year"), "money"),
            "last_master": Asked(_("Master of the last visit"), "master"),
            "last_service": Asked(_("Service of the last visit"), "service"),
        },
    ),
)
FIELDS: Mapping[str, Asked] = {name: asked for _title, fields in GROUPS for name, asked in fields.items()}

OPERATORS: Mapping[str, str] = {
    "at_least": _("at least"),
    "at_most": _("at most"),
    "above": _("more than"),
    "below": _("less than"),
    "is": _("is"),
}
BOUNDS = ("at_least", "at_most", "above", "below")
NO_EQUAL = (
    "interval_days",
    "overdue",
    "expected_visits",
    "returns_percent",
    "alive_percent",
    "no_show_percent",
    "lifetime_value",
)


def operators_of(field: str) -> tuple[str, ...]:
    """Of what is estimated nothing is exactly so much; what is no number is only the same or not."""
    if FIELDS[field].kind not in ("whole", "money", "percent", "number"):
        return ("is",)
    return BOUNDS if field in NO_EQUAL else (*BOUNDS, "is")


WORDS: Mapping[str, str] = {
    "and": _("All of these hold"),
    "or": _("At least one of these holds"),
    "none": _("None of these holds"),
}
