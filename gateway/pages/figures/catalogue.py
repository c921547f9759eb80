"""Which figures there are."""

from collections.abc import Mapping

from contracts import analytics as wire
from gateway.pages.figures.channels import channels
from gateway.pages.figures.kinds import ALL, SUBJECT, Choice, Figure, Listing
from gateway.pages.languages import noted as _
from gateway.pictures import benefits, people, seasons, sources, visits, work


def _by(*options: tuple[str, str]) -> Choice:
    return Choice("group_by", _("Group by"), options)


MONTH, DAY, BRANCH, MASTER = (
    ("month", _("Month")),
    ("day", _("Day")),
    ("branch", _("Branch")),
    ("master", _("Master")),
)
SERVICE, CATEGORY, SOURCE = ("service", _("Service")), ("category", _("Category")), ("source", _("Source"))
TOGETHER = (ALL, _("Everything together"))
OF = Choice(SUBJECT, _("Services"))
BACK_TEST = Listing("back_test.scores", ("name", "auc", "brier"), _("How well each model foresaw the past"))
BUCKET = Choice(
    "bucket",
    _("Step"),
    (("month", _("Month")), ("week", _("Week")), ("day", _("Day")), ("period", _("The whole period"))),
)

FIGURES = (
    Figure(
        "visits",
        _("Visits and revenue"),
        wire.ShowVisits,
        (Listing("rows", ("visits", "clients", "new_clients", "revenue", "discount", "margin")),),
        visits.visits,
        choices=(
            _by(
                MONTH,
                DAY,
                BRANCH,
                MASTER,
                SERVICE,
                CATEGORY,
                SOURCE,
                ("month,branch", _("Month and branch")),
                ("month,source", _("Month and source")),
                ("branch,service", _("Branch and service")),
                TOGETHER,
            ),
        ),
        totals=("visits", "clients", "new_clients", "revenue", "margin", "discount"),
        shown_as=("lines", "bars", "total", "table"),
    ),
    Figure(
        "work",
        _("Work of masters"),
        wire.ShowWork,
        (
            Listing(
                "rows",
                (
                    "visits",
                    "revenue",
                    "average_check",
                    "rebooked_percent",
                    "appointments",
                    "kept",
                    "cancelled_percent",
                    "missed_percent",
                    "late_percent",
                    "average_late_minutes",
                ),
            ),
        ),
        work.work,
        period="last_30_days",
        choices=(_by(MASTER, BRANCH, TOGETHER, ("branch,master", _("Branch and master"))), BUCKET),
        shown_as=("bars", "lines", "table"),
    ),
    Figure(
        "occupancy",
        _("Occupancy"),
        wire.ShowOccupancy,
        (Listing("rows", ("occupancy_percent", "open_minutes", "busy_minutes", "idle_minutes", "outside_minutes")),),
        work.occupancy,
        period="last_90_days",
        choices=(
            Choice("of", _("Occupancy of"), (("masters", _("Masters")), ("units", _("Rooms and equipment")))),
            Choice(
                "each",
                _("A row for"),
                (("branch", _("Each branch")), ("one", _("Each of them")), ("chain", _("All"))),
            ),
            BUCKET,
        ),
        shown_as=("bars", "lines", "table"),
    ),
    Figure(
        "idle_windows",
        _("Idle windows"),
        wire.ShowIdleWindows,
        (Listing("rows", ("starts", "ends", "minutes")),),
        work.idle_windows,
        period="today",
        own_period=True,
        choices=(
            Choice(
                "minutes",
                _("At least"),
                (("60", _("1 hour")), ("30", _("30 minutes")), ("120", _("2 hours")), ("180", _("3 hours"))),
            ),
        ),
        shown_as=("table", "bars"),
    ),
    Figure(
        "benefits",
        _("What the salon gains"),
        wire.ShowBenefits,
        (
            Listing(
                "rows",
                (
                    "appointments",
                    "visits",
                    "revenue",
                    "revenue_per_master",
                    "revenue_per_open_hour",
                    "occupancy_percent",
                    "retained_percent",
                    "enquiries",
                    "median_minutes_to_answer",
                ),
            ),
        ),
        benefits.benefits,
        totals=("appointments", "visits", "revenue", "enquiries"),
        shown_as=("table", "total"),
    ),
    Figure(
        "seasonality",
        _("Seasons of demand"),
        wire.ShowSeasonality,
        (Listing("months", ("index", "low", "high")),),
        seasons.seasonality,
        period="last_5_years",
        own_period=True,
        choices=(OF,),
        shown_as=("lines", "bars", "table"),
    ),
    Figure(
        "heat_map",
        _("When people come"),
        wire.ShowHeatMap,
        (Listing("cells", ("visits", "open_hours", "per_open_hour")),),
        seasons.heat_map,
        period="last_90_days",
        shown_as=("heat_map", "table"),
    ),
    Figure(
        "forecast",
        _("Forecast of visits"),
        wire.ShowForecast,
        (
            Listing("weeks", ("visits", "low", "high"), _("Weeks to come")),
            Listing("back_tests", ("method", "error"), _("How wrong each method was on the past")),
        ),
        seasons.forecast,
        period="last_5_years",
        own_period=True,
        choices=(
            OF,
            Choice(
                "weeks",
                _("Ahead"),
                (("8", _("8 weeks")), ("4", _("4 weeks")), ("13", _("13 weeks")), ("26", _("26 weeks"))),
            ),
        ),
        shown_as=("lines", "table"),
    ),
    Figure(
        "sources",
        _("Where clients come from"),
        wire.ShowSources,
        (Listing("children", ("clients", "visits", "revenue", "margin", "discount", "cost", "return_rate")),),
        sources.sources,
        totals=("clients", "visits", "revenue", "returned"),
        shown_as=("tree", "total", "table"),
    ),
    Figure(
        "channels",
        _("First and last touch"),
        wire.ShowChannels,
        (
            Listing(
                "rows",
                (
                    "first_touch.visits",
                    "first_touch.new_clients",
                    "first_touch.revenue",
                    "last_touch.visits",
                    "last_touch.new_clients",
                    "last_touch.revenue",
                ),
            ),
        ),
        channels,
        totals=("visits", "clients", "new_clients", "revenue"),
        shown_as=("bars", "total", "table"),
    ),
    Figure(
        "funnel",
        _("From enquiry to regular client"),
        wire.ShowFunnel,
        (
            Listing(
                "rows",
                (
                    "enquiries",
                    "answered",
                    "median_minutes_to_answer",
                    "people",
                    "leads",
                    "booked",
                    "booked_percent",
                    "became_clients",
                    "clients_percent",
                    "regulars",
                    "regulars_percent",
                ),
            ),
        ),
        work.funnel,
        period="last_90_days",
        choices=(_by(TOGETHER, ("channel", _("Channel")), BRANCH),),
    ),
    Figure(
        "clients",
        _("New, regular and sleeping"),
        wire.ShowPeople,
        (Listing("rows", ("came", "new", "regular", "other", "regular_percent", "sleeping")),),
        people.clients,
        period="last_90_days",
        choices=(_by(BRANCH, MASTER, SERVICE, TOGETHER),),
        totals=("came", "new", "regular", "sleeping"),
        shown_as=("bars", "total", "table"),
    ),
    Figure(
        "retention",
        _("Who came again"),
        wire.ShowCohorts,
        (Listing("rows", ("clients", "settled", "retained", "lost", "retained_percent", "active")),),
        work.retention,
        choices=(
            Choice("clients", _("Clients"), (("new", _("New ones")), ("all", _("All who came")))),
            Choice(
                "days",
                _("Within"),
                (
                    ("120", _("120 days")),
                    ("30", _("30 days")),
                    ("60", _("60 days")),
                    ("90", _("90 days")),
                    ("180", _("180 days")),
                    ("365", _("365 days")),
                ),
            ),
            _by(TOGETHER, BRANCH, MASTER),
        ),
        shown_as=("heat_map", "lines", "table"),
    ),
    Figure(
        "segments",
        _("RFM segments"),
        wire.ShowSegments,
        (Listing("rows", ("clients", "visits", "revenue")),),
        people.segments,
        period=None,
        choices=(
            Choice(
                "recency",
                _("Recency in"),
                (("days", _("Days since the last visit")), ("interval", _("Personal intervals"))),
            ),
        ),
    ),
    Figure(
        "churn",
        _("Who stays away"),
        wire.ShowChurn,
        (
            Listing("states", ("clients", "revenue", "returned_percent", "returns_percent")),
            Listing("branches", ("active", "due", "at_risk", "sleeping", "lost"), _("By branch")),
            Listing("masters", ("active", "due", "at_risk", "sleeping", "lost"), _("By master of the last visit")),
            Listing("services", ("active", "due", "at_risk", "sleeping", "lost"), _("By service of the last visit")),
            BACK_TEST,
        ),
        people.churn,
        period=None,
    ),
    Figure(
        "lifetime_value",
        _("Lifetime value"),
        wire.ShowLifetimeValue,
        (Listing("rows", ("clients", "expected_visits", "value", "margin_value", "network_value")), BACK_TEST),
        people.lifetime_value,
        period=None,
    ),
    Figure(
        "no_shows",
        _("No-shows"),
        wire.ShowNoShows,
        (Listing("items", ("appointments", "missed", "cancelled", "no_show_percent", "low_percent", "high_percent")),),
        people.no_shows,
        totals=("appointments", "missed", "missed_percent"),
        shown_as=("total", "table"),
    ),
)

REPORT = Figure(
    "report",
    _("Report"),
    wire.RunReport,
    (Listing("rows", ()),),
    visits.report,
    shown_as=("bars", "lines", "total", "table"),
)

BY_NAME: Mapping[str, Figure] = {figure.name: figure for figure in FIGURES}
BY_ADDRESS: Mapping[str, Figure] = {figure.name.replace("_", "-"): figure for figure in FIGURES}

GROUPS = (
    (_("Work and money"), ("visits", "work", "occupancy", "idle_windows", "benefits")),
    (_("Demand"), ("seasonality", "heat_map", "forecast")),
    (_("Where from"), ("sources", "channels", "funnel")),
    (_("Clients"), ("clients", "retention", "segments", "churn", "lifetime_value", "no_shows")),
)
