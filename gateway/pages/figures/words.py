"""What columns of figures, keys of rows and reasons for nothing are called."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.pages.languages import gettext
from gateway.pages.languages import noted as _

COLUMNS: Mapping[str, str] = {
    # keys of rows
    "month": _("Month"),
    "day": _("Day"),
    "week": _("Week"),
    "period": _("Period"),
    "branch_id": _("Branch"),
    "service_id": _("Service"),
    "category": _("Category"),
    "master_id": _("Master"),
    "unit_id": _("Room or equipment"),
    "source": _("Source"),
    "channel": _("Channel"),
    "segment": _("Segment"),
    "state": _("State"),
    "weekday": _("Weekday"),
    "hour": _("Hour"),
    "client_id": _("Client"),
    # visits
    "visits": _("Visits"),
    "clients": _("Clients"),
    "new_clients": _("New clients"),
    "revenue": _("Revenue"),
    "discount": _("Discounts"),
    "margin": _("Margin"),
    "cost": _("Cost"),
    "return_rate": _("Came again"),
    "returned": _("Came again"),
    "first_touch.visits": _("First touch: visits"),
    "first_touch.new_clients": _("First touch: new clients"),
    "first_touch.revenue": _("First touch: revenue"),
    "last_touch.visits": _("Last touch: visits"),
    "last_touch.new_clients": _("Last touch: new clients"),
    "last_touch.revenue": _("Last touch: revenue"),
    # work and time
    "average_check": _("Average check"),
    "rebooked_percent": _("Rebooked within a day"),
    "appointments": _("Appointments"),
    "kept": _("Kept"),
    "cancelled": _("Were cancelled"),
    "cancelled_percent": _("Cancelled, share"),
    "missed": _("Missed"),
    "missed_percent": _("Missed, share"),
    "late_percent": _("Came late"),
    "average_late_minutes": _("Late by, on average"),
    "occupancy_percent": _("Occupied"),
    "open_minutes": _("Open"),
    "busy_minutes": _("Booked"),
    "idle_minutes": _("Idle"),
    "outside_minutes": _("Booked outside hours"),
    "starts": _("Begins"),
    "ends": _("Ends"),
    "minutes": _("Minutes"),
    "revenue_per_master": _("Revenue per master"),
    "revenue_per_open_hour": _("Revenue per open hour"),
    # demand
    "index": _("Index"),
    "low": _("Low"),
    "high": _("High"),
    "open_hours": _("Open hours of masters"),
    "per_open_hour": _("Visits per open hour"),
    "method": _("Method"),
    "error": _("Error, visits a week"),
    # enquiries
    "enquiries": _("Enquiries"),
    "answered": _("Answered"),
    "median_minutes_to_answer": _("Time to answer, median"),
    "people": _("People"),
    "leads": _("No clients before"),
    "booked": _("Booked by them"),
    "booked_percent": _("Booked, share"),
    "became_clients": _("Became clients"),
    "clients_percent": _("Became clients, share"),
    "regulars": _("Became regular"),
    "regulars_percent": _("Became regular, share"),
    # people
    "came": _("Came"),
    "new": _("New"),
    "regular": _("Regular"),
    "other": _("Other ones"),
    "regular_percent": _("Regular, share"),
    "sleeping": _("Sleeping"),
    "settled": _("Time is over for"),
    "retained": _("Came again"),
    "lost": _("Lost"),
    "retained_percent": _("Came again, share"),
    "active": _("Active"),
    "due": _("Due to come"),
    "at_risk": _("At risk"),
    "returned_percent": _("Of such clients, came within 90 days"),
    "returns_percent": _("Chance to come within 90 days"),
    "expected_visits": _("Visits to expect in 90 days"),
    "value": _("Revenue of the next year"),
    "margin_value": _("Margin of the next year"),
    "network_value": _("Margin of whom they brought"),
    "name": _("Model"),
    "auc": _("Ranks rightly (AUC; 1 is always)"),
    "brier": _("Error (Brier; 0 is none)"),
    "no_show_percent": _("Chance to miss the next"),
    "low_percent": _("Low"),
    "high_percent": _("High"),
}


@dataclass(frozen=True)
class Why:
    """Why there is nothing, and what to do about it."""

    text: str
    hint: str = ""


REASONS: Mapping[str, Why] = {
    "no_visits": Why(
        _("No completed visits in this period."),
        _("Choose a longer period or another branch; what is completed at the desk appears here within seconds."),
    ),
    "nothing_open": Why(_("Nobody is planned to work on these days."), _("Plan shifts, or choose other days.")),
    "none_so_long": Why(
        _("No idle window is that long."), _("Choose shorter windows or other days; or be glad: everything is booked.")
    ),
    "nothing_booked": Why(_("Nothing was booked on these days."), _("Choose a longer period or another branch.")),
    "no_enquiries": Why(
        _("No enquiries on these days."),
        _("They come through forms on your site; choose a longer period if it has some."),
    ),
    "nothing_happened": Why(_("Nothing happened in this period."), _("Choose a longer period or another branch.")),
    "no_appointments": Why(_("No appointments on these days."), _("Choose a longer period or another branch.")),
    "weak": Why(
        _("The season is too weak to trust, so it is not drawn."),
        _(
            "Months hardly differ beyond chance. Each further year of visits makes it clearer, and all services "
            "together show more than one of them."
        ),
    ),
    "too_few_months": Why(
        _("Too few whole months to tell a season."),
        _("A year and a month at least are needed; choose a longer period."),
    ),
    "too_few_weeks": Why(
        _("Too few whole weeks to foresee the next ones."),
        _("Choose a longer period, or come back when there are more."),
    ),
    "too_early": Why(_("Nobody's time to come again is over yet."), _("Choose an earlier period or fewer days.")),
    "not_computed_yet": Why(
        _("This has not been worked out yet."),
        _("Everybody is judged each morning, and within a minute after a visit."),
    ),
    "too_few_gaps": Why(
        _("Too few clients came twice to know what is usual."), _("It appears by itself as clients come again.")
    ),
    "too_few_clients": Why(
        _("Too few clients to tell chances."), _("It appears by itself with more clients and visits.")
    ),
    "too_few_to_try": Why(_("Too few appointments to try a model on, so the simple rule is shown."), ""),
    "rule_not_beaten": Why(
        _("No model foresaw better than the simple rule, so none is shown."),
        _("Models are tried again each morning on what is known by then."),
    ),
    "history_too_short": Why(
        _("The history is too short to try a model on."), _("It appears by itself when there is more of it.")
    ),
    "too_few_checks": Why(
        _("Too few bills to tell what a visit is worth."), _("It appears by itself with more visits.")
    ),
    "branches_hidden": Why(
        _("The report names only branches that you do not see."), _("Ask for the right to see them.")
    ),
    "no_bookings": Why(_("No bookings in this period."), _("Choose a longer period or another branch.")),
    "no_clients": Why(_("No clients in this period."), _("Choose a longer period or another branch.")),
    "not_grouped": Why(_("A list has nothing to draw; it is below as a table.")),
    "too_much_to_draw": Why(
        _("This is too much for a picture; it is below as a table."), _("Choose a shorter period or larger steps.")
    ),
    "no_chances": Why(_("Too little was booked beforehand to tell chances yet; they are listed by time.")),
    "baseline_is_better": Why(_("No model was better than the same week a year ago, so that is what is shown.")),
    "no_open_hours": Why(_("When masters work is not known, so visits are not divided by it.")),
}
NOTHING = Why(_("There is nothing to show."), _("Choose a longer period or another branch."))


def column(name: str) -> str:
    return gettext(COLUMNS[name]) if name in COLUMNS else name.replace("_", " ").capitalize()


def why(reason: str | None) -> Why:
    found = REASONS.get(reason or "", NOTHING)
    return Why(gettext(found.text), gettext(found.hint) if found.hint else "")
