"""What reports may be of, in words: the subjects of the API with their groupings, measures, columns and tests."""

from collections.abc import Mapping

from gateway.pages.languages import noted as _

Names = Mapping[str, str]

MONEY = frozenset({"revenue", "discount", "margin", "average_check", "cost", "cost_per_new_client", "lifetime_value"})
PERCENTS = frozenset({"cancelled_percent", "no_show_percent", "returns_percent", "alive_percent"})

NAMES: Names = {
    "day": _("day"),
    "week": _("week"),
    "month": _("month"),
    "quarter": _("quarter"),
    "year": _("year"),
    "weekday": _("weekday"),
    "branch": _("branch"),
    "service": _("service"),
    "category": _("category of services"),
    "master": _("master"),
    "client": _("client"),
    "source": _("source"),
    "booked_through": _("booked through"),
    "sex": _("sex"),
    "birth_band": _("years of birth"),
    "state": _("how they come"),
    "rfm": _("RFM segment"),
    "referred": _("brought by somebody"),
    "status": _("status of the appointment"),
    "cancelled_by": _("cancelled by"),
    "lead_days": _("days ahead"),
    "lead_hours": _("hours ahead"),
    "new": _("first visit of the client"),
    "visits": _("visits"),
    "clients": _("clients"),
    "new_clients": _("new clients"),
    "revenue": _("revenue"),
    "discount": _("discounts"),
    "margin": _("margin"),
    "average_check": _("average check"),
    "bookings": _("appointments"),
    "kept": _("kept"),
    "cancelled": _("cancelled ones"),
    "no_shows": _("no-shows"),
    "cancelled_percent": _("cancelled, share"),
    "no_show_percent": _("no-shows, share"),
    "cost": _("cost of channels"),
    "cost_per_new_client": _("cost of a new client"),
    "first_day": _("first visit"),
    "last_day": _("last visit"),
    "days_since_last": _("days since the last visit"),
    "days_since_first": _("days since the first visit"),
    "days_since_registration": _("days since the card was made"),
    "cancellations": _("cancellations"),
    "brought": _("people brought"),
    "age": _("age"),
    "recency_score": _("score of recency"),
    "frequency_score": _("score of frequency"),
    "money_score": _("score of money"),
    "rfm_by_interval": _("RFM segment by own rhythm"),
    "interval_days": _("usual days between visits"),
    "overdue": _("how overdue (1: as usual)"),
    "returns_percent": _("chance to return, per cent"),
    "alive_percent": _("chance to be a client still, per cent"),
    "expected_visits": _("visits to be expected"),
    "lifetime_value": _("lifetime value"),
    "last_master": _("last master"),
    "last_service": _("last service"),
    "appointment_id": _("appointment"),
    "name": _("client"),
}
SUBJECTS: Names = {
    "visits": _("visits"),
    "bookings": _("appointments, whatever became of them"),
    "clients": _("clients"),
    "sources": _("sources"),
}
OPERATORS: Names = {
    "is": _("is"),
    "in": _("is one of"),
    "at_least": _("at least"),
    "at_most": _("at most"),
    "above": _("above"),
    "below": _("below"),
}
JOINS: Names = {
    "and": _("all of these hold"),
    "or": _("one of these holds"),
    "not": _("none of these holds"),
}
STATUSES: Names = {
    "booked": _("booked"),
    "confirmed": _("confirmed"),
    "arrived": _("is here"),
    "completed": _("completed"),
    "cancelled": _("cancelled"),
    "no_show": _("did not come"),
}
BY_WHOM: Names = {"client": _("the client"), "staff": _("the salon"), "erasure": _("an erasure")}
SEXES: Names = {"female": _("female"), "male": _("male")}
STATES: Names = {
    "active": _("Active"),
    "due": _("Due to come"),
    "at_risk": _("At risk"),
    "sleeping": _("Sleeping"),
    "lost": _("Lost ones"),
}
RFM: Names = {
    "new": _("New"),
    "champions": _("Champions"),
    "loyal": _("Loyal"),
    "potential": _("Potential loyalists"),
    "promising": _("Promising"),
    "needs_attention": _("Need attention"),
    "about_to_sleep": _("About to sleep"),
    "at_risk": _("At risk"),
    "cooling": _("Cooling"),
    "hibernating": _("Hibernating"),
}
VALUES: Mapping[str, Names] = {
    "sex": SEXES,
    "state": STATES,
    "rfm": RFM,
    "rfm_by_interval": RFM,
    "status": STATUSES,
    "cancelled_by": BY_WHOM,
}
REASONS: Names = {
    "no_visits": _("No completed visit of this time fits. Choose another time, or fewer conditions."),
    "no_bookings": _("No appointment of this time fits. Choose another time, or fewer conditions."),
    "no_clients": _("Nobody fits. Choose another time, or fewer conditions."),
    "branches_hidden": _("This report is about branches that you do not see. Ask the owner for the right."),
}
