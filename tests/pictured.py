"""A reply for each picture, and the same one without anything to draw."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from contracts import analytics as said
from kernel.money import Money
from tests.builders import CLARA, ELSEWHERE, HERE

MASTER, ROOM = UUID(int=21), UUID(int=22)
DAYS = {"from_": date(2026, 1, 1), "to": date(2026, 12, 31)}
QUERY = "from=2026-01-01&to=2026-12-31"
FULL = Money(300_100, "RUB")


@dataclass(frozen=True)
class Pictured:
    """`reply` has something to draw; `bare` has nothing, because of `reason`. `shows` stands on the picture."""

    path: str
    asked: type[Any]
    reply: Any
    bare: Any
    reason: str
    shows: str
    russian: str

    @property
    def url(self) -> str:
        return f"/api/v1/analytics/{self.path}"


def a_visit_row(**keys: Any) -> said.VisitRow:
    return said.VisitRow(visits=12, clients=9, new_clients=2, revenue=FULL, **keys)


def an_index(month: int) -> said.MonthIndex:
    value = Decimal("0.9") + Decimal(month) / 60
    return said.MonthIndex(month, value, value - Decimal("0.1"), value + Decimal("0.1"))


def seasons(**words: Any) -> said.Seasonality:
    whole: dict[str, Any] = {
        "months": tuple(map(an_index, range(1, 13))),
        "years": 1,
        "strength": Decimal("0.61"),
        "shown": True,
        "pooled": True,
        "shares": (said.SeasonShare("service", Decimal("0.33")), said.SeasonShare("chain", Decimal("0.4"))),
        "interval_by": "counts",
        "per": "open_hours",
        "definition": "What an index is.",
        "reason": None,
    }
    return said.Seasonality(**(whole | words))


def a_forecast() -> said.VisitForecast:
    monday = date(2026, 1, 5)
    known = tuple(said.KnownWeek(monday + timedelta(7 * week), 20 + week) for week in range(10))
    ahead = tuple(
        said.ForecastWeek(monday + timedelta(7 * week), Decimal(week + 20), Decimal(week + 15), Decimal(week + 25))
        for week in range(10, 14)
    )
    tests = (said.BackTest("seasonal_naive", Decimal("5.2")), said.BackTest("damped_trend", Decimal("3.1")))
    return said.VisitForecast(known, ahead, "damped_trend", tests, 0, "What is foreseen.")


def a_tree() -> said.SourceNode:
    own = said.OwnFigures(1, 3, FULL)
    clara = said.SourceNode("Clara", "client", 2, 4, Money(400_000, "RUB"), own, client_id=CLARA)
    channel = said.SourceNode("Radio & TV", "channel", 2, 4, Money(400_000, "RUB"), own, (clara,))
    return said.SourceNode(None, "root", 2, 4, Money(400_000, "RUB"), own, (channel,), definition="Who brought whom.")


def an_empty_tree() -> said.SourceNode:
    nobody = said.OwnFigures(0, 0, Money(0, "RUB"))
    return said.SourceNode(
        None, "root", 0, 0, Money(0, "RUB"), nobody, definition="Who brought whom.", reason="no_visits"
    )


def a_work_row(**keys: Any) -> said.WorkRow:
    figures: dict[str, Any] = {
        "visits": 12,
        "revenue": FULL,
        "average_check": Money(25_008, "RUB"),
        "settled": 10,
        "rebooked": 4,
        "rebooked_percent": Decimal(40),
        "appointments": 15,
        "kept": 12,
        "cancelled": 2,
        "cancelled_by_client": 1,
        "cancelled_percent": Decimal("13.33"),
        "missed": 1,
        "missed_percent": Decimal("7.69"),
        "arrivals": 12,
        "late": 3,
        "late_percent": Decimal(25),
        "average_late_minutes": 9,
    }
    return said.WorkRow(**figures, **keys)


def an_occupancy_row(**keys: Any) -> said.OccupancyRow:
    return said.OccupancyRow(
        open_minutes=600, busy_minutes=450, idle_minutes=150, outside_minutes=0, occupancy_percent=Decimal(75), **keys
    )


def a_cohort(month: str, active: tuple[int, ...]) -> said.CohortRow:
    return said.CohortRow(
        month=month, clients=20, settled=18, retained=9, lost=9, retained_percent=Decimal(50), active=active
    )


def churn(**words: Any) -> said.Churn:
    whole: dict[str, Any] = {
        "as_of": date(2026, 6, 1),
        "usual_days": Decimal("31.5"),
        "borders": said.StateBorders(Decimal(1), Decimal("1.5"), Decimal(3), Decimal(6), 365),
        "states": (said.StateCount("active", 40, FULL, Decimal(80)), said.StateCount("lost", 7, FULL, None)),
        "branches": (
            said.StatesOf(30, 1, 1, 1, 5, branch_id=HERE),
            said.StatesOf(10, 1, 0, 0, 2, branch_id=ELSEWHERE),
        ),
        "masters": (),
        "services": (),
        "model": "rule",
        "model_reason": None,
        "back_test": None,
        "definition": "Who is late.",
        "reason": None,
    }
    return said.Churn(**(whole | words))


def a_funnel_row(**keys: Any) -> said.FunnelRow:
    return said.FunnelRow(
        enquiries=30, answered=28, median_minutes_to_answer=12, people=25, leads=20, booked=15,
        booked_percent=Decimal(75), clients=12, clients_percent=Decimal(60), median_days_to_visit=4, regulars=6,
        regulars_percent=Decimal(50), **keys,
    )  # fmt: skip


MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
WINDOW = said.IdleWindow(HERE, MASTER, MORNING, MORNING + timedelta(minutes=90), 90)
SEGMENT = said.SegmentRow("champions", "the best", 12, 60, FULL)
NO_SEGMENT = said.SegmentRow("champions", "the best", 0, 0, Money(0, "RUB"))
CELL = said.HeatCell(0, 10, 6, Decimal("4.5"), Decimal("1.33"))
WORTH = said.WorthRow("champions", 12, Decimal("33.3"), FULL, Money(200_000, "RUB"), None)
REPORT = said.ReportRow(month="2026-03", visits=12, revenue=FULL)


TOUCH = said.TouchFigures(12, 9, 3, FULL, FULL, Money(1_000, "RUB"))
NO_TOUCH = said.TouchFigures(0, 0, 0, *[Money(0, "RUB")] * 3)
ONLINE = said.ChannelRow("online", NO_TOUCH, TOUCH)

GAINED = said.BenefitRow(
    "2026-03", 9, (said.ChannelBookings("online", 6), said.ChannelBookings(None, 3)), 2, 1, 90, 7, FULL, 2, FULL,
    Decimal(10), FULL, Decimal(50), 4, 2, Decimal(50),
)  # fmt: skip
UNRELIABLE = said.Reliability(CLARA, 9, 3, 1, Decimal(30), Decimal("15.5"), Decimal(40))
PICTURES = (
    Pictured(
        "visits", said.ShowVisits, said.VisitRows((a_visit_row(month="2026-03"), a_visit_row(month="2026-05"))),
        said.VisitRows((), "no_visits"), "no_visits", "Apr\u00a02026", "Визиты и выручка",
    ),
    Pictured(
        "channels", said.ShowChannels,
        said.ChannelRows((said.ChannelRow("Radio & TV", TOUCH, NO_TOUCH), ONLINE), TOUCH, "Touch."),
        said.ChannelRows((), NO_TOUCH, "Touch.", "no_visits"), "no_visits", "Radio & TV", "Первое касание",
    ),
    Pictured("sources", said.ShowSources, a_tree(), an_empty_tree(), "no_visits", "Radio & TV", "Каналы"),
    Pictured(
        "retention", said.ShowCohorts,
        said.Cohorts((a_cohort("2026-01", (9, 5)), a_cohort("2026-02", (7,))), 120, date(2026, 6, 1), "Who came."),
        said.Cohorts((), 120, date(2026, 6, 1), "Who came.", "too_early"), "too_early", "months later",
        "Кто пришёл снова",
    ),
    Pictured(
        "occupancy", said.ShowOccupancy, said.Occupancy((an_occupancy_row(period="2026-03"),), "How full."),
        said.Occupancy((), "How full.", "nothing_open"), "nothing_open", "Booked", "Загрузка",
    ),
    Pictured(
        "idle-windows", said.ShowIdleWindows, said.IdleWindows((WINDOW,), more=True, definition="Free time."),
        said.IdleWindows((), more=False, definition="Free time.", reason="none_so_long"), "none_so_long", "09:00",
        "Окна без записи",
    ),
    Pictured(
        "seasonality", said.ShowSeasonality, seasons(), seasons(shown=False, reason="weak"), "weak",
        "0.61", "Сила сезонности 0,61",
    ),
    Pictured(
        "heat-map", said.ShowHeatMap, said.HeatMap((CELL,), "When."), said.HeatMap((), "When.", "no_visits"),
        "no_visits", "1.33", "пн",
    ),
    Pictured(
        "forecast", said.ShowForecast, a_forecast(),
        said.VisitForecast((), (), None, (), 21, "What is foreseen.", "too_few_weeks"), "too_few_weeks",
        "Damped trend", "Затухающий тренд",
    ),
    Pictured(
        "work", said.ShowWork, said.WorkFigures((a_work_row(period="2026-03"), a_work_row(period="2026-04")), "Work."),
        said.WorkFigures((), "Work.", "nothing_booked"), "nothing_booked", "Rebooked within 24 hours", "Опоздали",
    ),
    Pictured(
        "funnel", said.ShowFunnel, said.Funnel((a_funnel_row(),), "From an enquiry."),
        said.Funnel((), "From an enquiry.", "no_enquiries"), "no_enquiries", "12 · 60%", "Стали клиентами",
    ),
    Pictured(
        "segments", said.ShowSegments,
        said.Segments(date(2026, 6, 1), 365, "days", (SEGMENT,), None, "By fifths."),
        said.Segments(None, 365, "days", (NO_SEGMENT,), None, "By fifths.", "no_visits"), "no_visits",
        "12 · 100% · ₽3,001", "Чемпионы",
    ),
    Pictured(
        "churn", said.ShowChurn, churn(), churn(states=(), as_of=None, reason="not_computed_yet"), "not_computed_yet",
        "Active", "Потерянные",
    ),
    Pictured(
        "clients", said.ShowPeople,
        said.People((said.PeopleRow(20, 5, 12, 3, Decimal(60), 4),), date(2026, 6, 1), "Who came."),
        said.People((), None, "Who came.", "no_visits"), "no_visits", "Regular 60%", "Спящие",
    ),
    Pictured(
        "lifetime-value", said.ShowLifetimeValue,
        said.LifetimeValue(date(2026, 6, 1), "bg_nbd", (), (WORTH,), None, "A year."),
        said.LifetimeValue(date(2026, 6, 1), None, (), (), None, "A year.", "rule_not_beaten"), "rule_not_beaten",
        "33.3", "Ценность клиентов на год вперёд",
    ),
    Pictured(
        "benefits", said.ShowBenefits,
        said.Benefits((GAINED,), (said.Measure("visits", "Completed ones."),)), said.Benefits((), ()),
        "nothing_happened", "Appointments by channel", "Что получает салон",
    ),
    Pictured(
        "no-shows", said.ShowNoShows,
        said.NoShows(90, 9, Decimal(10), (UNRELIABLE,), "Missed."),
        said.NoShows(0, 0, None, (), "Missed.", "no_appointments"), "no_appointments",
        "15.5% – 40%", "Вероятность не прийти",
    ),
    Pictured(
        f"reports/{UUID(int=9)}/rows", said.RunReport,
        said.ReportRows(("month", "visits", "revenue"), (REPORT,), "What was due.", total=REPORT),
        said.ReportRows(("month", "visits"), (), "What was due.", reason="branches_hidden"), "branches_hidden",
        "Mar\u00a02026", "Отчёт",
    ),
)  # fmt: skip
