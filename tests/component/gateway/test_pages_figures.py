"""Pages of figures and dashboards without services: what they ask, what they show, and what they say of nothing."""

import csv
import html
import json
import re
from datetime import UTC, date, datetime
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest

from contracts import analytics as wire
from contracts.analytics.reports import ReportRow
from contracts.auth import Me, ShowMe
from contracts.booking import ListBranches, ListMasters, ListServices
from contracts.clients import ClientName, ClientNames, NameClients
from contracts.message import Page
from gateway.pages.figures import periods
from gateway.pages.figures.catalogue import FIGURES
from gateway.pages.figures.kinds import SUBJECT
from gateway.pages.figures.reading import asked_of, of_choices
from gateway.pages.languages import translations
from gateway.pages.reports.words import RFM, STATES
from gateway.pictures.words import text_of
from kernel.errors import Conflict, Unavailable
from kernel.money import Money
from services.analytics.domain.dashboards import GIVEN, SHOWN_AS
from tests.builders import HERE, OWNER, a_user

ME = Me(OWNER.id, "owner", "Olga Owner", ("owner",), (), ())
EVIL = "<script>alert('x')</script>"
SOMEBODY = UUID("0190a000-0000-7000-8000-0000000000c1")
OWN = UUID("0190a000-0000-7000-8000-0000000000d1")
REVENUE = Money(250_050, "RUB")
PERIOD = "from=2026-01-01&to=2026-02-28"
KEY = "0123456789abcdef0123456789abcdef"


def a_dashboard(**changes):
    widgets = (
        wire.Widget("visits", "lines", 12, None, None, {"group_by": ["month"]}),
        wire.Widget("churn", "bars", 6, EVIL, None, {}),
    )
    values = {
        "id": OWN, "version": 3, "name": "Mine", "period": "this_month", "widgets": widgets, "shared": False,
        "own": True,
    }  # fmt: skip
    return wire.Dashboard(**(values | changes))


def visits(request):
    if request.group_by == ():
        return wire.VisitRows((wire.VisitRow(7, 5, 2, REVENUE, margin=REVENUE),))
    row = wire.VisitRow(7, 5, 2, REVENUE, margin=REVENUE)
    keys = {"month": "2026-01", "branch": HERE, "source": EVIL, "day": date(2026, 1, 5)}
    names = {"branch": "branch_id"}
    fields = {names.get(key, key): keys[key] for key in request.group_by if key in keys}
    return wire.VisitRows((wire.VisitRow(row.visits, row.clients, row.new_clients, row.revenue, **fields),))


@pytest.fixture
def owner(web):
    """A browser in which the owner is signed in."""
    web.bus.answers |= {
        ShowMe: ME,
        ListBranches: Page(()),
        ListMasters: Page(()),
        ListServices: Page(()),
        wire.ListReports: Page(()),
        wire.ShowVisits: visits,
        wire.ShowDashboard: a_dashboard(),
        wire.ListDashboards: Page((a_dashboard(),)),
    }
    web.http.set_cookie("lokon_access", web.as_(OWNER)["Authorization"].removeprefix("Bearer "))
    web.http.set_cookie("lokon_session", "refresh-1")
    return web


def csrf_of(web):
    return re.search(r'name="csrf" content="(\w+)"', web.http.get("/clients").text)[1]


def plots_in(text):
    return [json.loads(html.unescape(found)) for found in re.findall(r"data-plots='([^']*)'", text)]


def russian(web):
    web.http.set_cookie("lokon_language", "ru")
    return web


# --- pages ----------------------------------------------------------------------------------------------------------


def test_visits_are_a_picture_totals_a_table_and_files(owner):
    answer = owner.http.get(f"/figures/visits?{PERIOD}")
    assert answer.status_code == 200
    (plots,) = plots_in(answer.text)
    assert [plot["kind_of_plot"] for plot in plots] == ["columns", "columns"]
    assert plots[1]["series"][0]["values"] == [250_050.0]
    assert "RUB\u00a02,500.50" in answer.text  # the total and the row
    assert f'href="/figures/visits/file?{PERIOD}&format=xlsx"' in html.unescape(answer.text)
    first, whole = owner.bus.asked_of(wire.ShowVisits)
    assert (first.from_, first.to, first.group_by) == (date(2026, 1, 1), date(2026, 2, 28), ("month",))
    assert whole.group_by == ()  # people are counted once, not added up


@pytest.mark.parametrize(("language", "words"), [("en", "first date lies after"), ("ru", "Первая дата позже")])
def test_dates_the_wrong_way_round_stand_where_they_can_be_put_right(owner, language, words):
    owner.http.set_cookie("lokon_language", language)
    answer = owner.http.get("/figures/visits?from=2026-12-01&to=2026-01-05&group_by=day")
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="2026-12-01"' in answer.text
    assert 'value="2026-01-05"' in answer.text
    assert '<option value="day" selected>' in answer.text  # the other choices stay as well


def test_what_did_not_work_leads_back_to_the_page_it_was_asked_on(owner):
    wrong = "/figures/sources?from=2026-12-01&to=2026-01-05"
    came_from = "http://localhost/figures/sources?branch_id=&from=2026-01-05"
    answer = owner.http.get(wrong, headers={"Referer": came_from})
    assert answer.status_code == 422
    assert f'href="{came_from}"' in html.unescape(answer.text)
    elsewhere = owner.http.get(wrong, headers={"Referer": "https://evil.example/figures"})
    assert "evil.example" not in elsewhere.text


def test_there_is_a_sentence_for_a_figure_that_there_is_not(owner):
    answer = russian(owner).http.get("/figures/nothing")
    assert answer.status_code == 404
    assert "There is no such" not in answer.text
    assert "there is no such" not in answer.text


def test_a_report_says_months_channels_and_groups_of_clients_as_figures_do(owner):
    columns = ("month", "booked_through", "rfm", "visits")
    rows = (
        ReportRow(month="2026-01", booked_through="walk-in", rfm="champions", visits=3),
        ReportRow(month="2026-01", booked_through="Avito", rfm="champions", visits=2),
    )
    owner.bus.answers[wire.ShowReport] = wire.Report(
        OWN, 1, "Каналы / 2026", {"of": "visits", "columns": ["month", "booked_through", "rfm"]},
        datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 5, tzinfo=UTC),
    )  # fmt: skip
    owner.bus.answers[NameClients] = ClientNames(())
    owner.bus.answers[wire.RunReport] = wire.ReportRows(columns, rows, "Completed visits.")
    text = russian(owner).http.get(f"/reports/{OWN}").text
    assert "<td>янв\u00a02026</td>" in text
    assert "2026-01<" not in text
    assert "Без записи" in text
    assert "walk-in" not in text
    assert "Avito" in text  # the salon's own word
    assert "Чемпионы" in text
    answer = owner.http.get(f"/reports/{OWN}/file?format=csv")
    assert quote("Каналы / 2026.csv", safe="") in answer.headers["Content-Disposition"]


def test_groups_of_clients_have_one_name_each_in_reports_and_figures():
    told = translations("ru")
    for code, name in {**STATES, **RFM}.items():
        assert told.gettext(name) == text_of(code, "ru")


def test_a_year_before_is_asked_for_and_told_by_how_much_it_changed(owner):
    text = owner.http.get(f"/figures/visits?{PERIOD}&compared=year_before").text
    asked = owner.bus.asked_of(wire.ShowVisits)
    assert {(request.from_, request.to) for request in asked} == {
        (date(2026, 1, 1), date(2026, 2, 28)),
        (date(2025, 1, 1), date(2025, 2, 28)),
    }
    assert "before: 7" in text
    ((visits_plot, _revenue),) = plots_in(text)
    assert visits_plot["series"][-1]["role"] == "rest"


def test_what_is_written_in_a_source_is_a_text_everywhere(owner):
    text = owner.http.get(f"/figures/visits?{PERIOD}&group_by=month,source").text
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text
    assert EVIL in json.dumps(plots_in(text))


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "No completed visits in this period."), ("ru", "За этот период нет завершённых визитов.")],
)
def test_of_nothing_it_is_said_why_in_words(owner, language, words):
    owner.http.set_cookie("lokon_language", language)
    owner.bus.answers[wire.ShowVisits] = wire.VisitRows((), "no_visits")
    text = owner.http.get(f"/figures/visits?{PERIOD}").text
    assert words in text
    assert plots_in(text) == []


def test_a_weak_season_is_told_and_neither_drawn_nor_listed(owner):
    months = tuple(wire.MonthIndex(month, 1.234567, 0.5, 1.5) for month in range(1, 13))
    owner.bus.answers[wire.ShowSeasonality] = wire.Seasonality(
        months, 3, 0.12, False, False, (), "years", "open_hours", "Intervals hold nine cases of ten.", "weak"
    )
    text = russian(owner).http.get("/figures/seasonality").text
    assert "Сезонность слишком слаба" in text
    assert "0,12" in text  # how weak
    assert plots_in(text) == []
    assert "1,23" not in text
    assert "Интервалы накрывают девять случаев из десяти." in text


def test_idle_windows_are_drawn_on_the_clock_of_the_branch(owner):
    starts, ends = (datetime.fromisoformat(f"2026-01-05T{hour}:30:00+03:00") for hour in (10, 12))
    window = wire.IdleWindow(HERE, SOMEBODY, starts, ends, 120)
    owner.bus.answers[wire.ShowIdleWindows] = wire.IdleWindows((window,), False, "")
    ((plot,),) = plots_in(owner.http.get("/figures/idle-windows?from=2026-01-05&to=2026-01-05").text)
    assert plot["spans"] == [{"row": 0, "starts": "2026-01-05T10:30:00+03:00", "ends": "2026-01-05T12:30:00+03:00"}]


def test_too_much_for_a_picture_is_still_a_table(owner):
    rows = tuple(wire.VisitRow(1, 1, 0, REVENUE, day=day) for day in (date(2015, 1, 1), date(2026, 1, 1)))
    owner.bus.answers[wire.ShowVisits] = lambda asked: wire.VisitRows(rows if asked.group_by else rows[:1])
    text = owner.http.get("/figures/visits?from=2015-01-01&to=2026-01-01&group_by=day").text
    assert "too much for a picture" in text
    assert "2015" in text


@pytest.mark.parametrize("path", ["/figures", "/figures/churn", "/figures/sources", "/dashboard", "/figures/standings"])
def test_who_may_not_read_figures_is_refused_and_has_no_entry(web, path):
    boris = a_user("appointments.read")
    web.bus.answers |= {ShowMe: ME, ListBranches: Page(())}
    web.http.set_cookie("lokon_access", web.as_(boris)["Authorization"].removeprefix("Bearer "))
    web.http.set_cookie("lokon_session", "refresh-1")
    answer = web.http.get(path)
    assert answer.status_code == 403
    assert 'href="/figures"' not in answer.text
    assert 'href="/dashboard"' not in answer.text


def test_a_figure_that_does_not_exist_is_not_found(owner):
    assert owner.http.get("/figures/happiness").status_code == 404


def test_a_service_that_is_away_is_told_in_a_sentence(owner):
    owner.bus.answers[wire.ShowChurn] = Unavailable("service_unavailable", "analytics is away")
    answer = owner.http.get("/figures/churn")
    assert answer.status_code == 503
    assert "cannot answer this just now" in answer.text


def test_a_period_that_ends_before_it_begins_is_refused(owner):
    answer = owner.http.get("/figures/visits?from=2026-02-01&to=2026-01-01")
    assert answer.status_code == 422


def test_a_picture_taken_away_speaks_the_language_of_the_page(owner):
    answer = russian(owner).http.get(f"/figures/visits/file?{PERIOD}&format=svg", headers={"Accept-Language": "en"})
    assert answer.content_type == "image/svg+xml; charset=utf-8"
    assert "Визиты и выручка" in answer.text
    table = owner.http.get(f"/figures/visits/file?{PERIOD}&format=csv")
    assert table.text.splitlines()[0].startswith("\ufeffvisits,")
    assert owner.http.get(f"/figures/visits/file?{PERIOD}&format=ods").status_code == 404


# --- people ---------------------------------------------------------------------------------------------------------


def a_standing(**changes):
    values = {
        "client_id": SOMEBODY, "scores": 555, "segment": "champions", "first_visit": date(2025, 1, 1),
        "last_visit": date(2026, 1, 1), "days_since": 40, "visits": 9, "revenue": REVENUE, "master_id": None,
        "interval_days": 20, "overdue": 2, "state": "at_risk", "returns_percent": 12.5, "alive_percent": None,
        "expected_visits": None, "value": None,
        "causes": ("40 days since the last visit, 1.5 times the 27 days to expect", "something new"),
    }  # fmt: skip
    return wire.ClientStanding(**(values | changes))


def test_the_clients_behind_a_state_have_names_and_causes_for_who_may_see_them(owner):
    owner.bus.answers[wire.ListStandings] = Page((a_standing(),), next="more")
    owner.bus.answers[NameClients] = ClientNames((ClientName(SOMEBODY, EVIL),))
    text = russian(owner).http.get("/figures/standings?state=at_risk&within_days=30").text
    (asked,) = owner.bus.asked_of(wire.ListStandings)
    assert (asked.state, asked.segment, asked.within_days) == ("at_risk", None, 30)
    assert f'<a href="/clients/{SOMEBODY}">{html.escape(EVIL)}</a>'.replace("&#x27;", "&#39;") in text
    assert "40 дн. с последнего визита" in text
    assert "1.5" not in text
    assert "в 1,5 раза" in text
    assert "something new" in text  # a cause that nobody has translated is told as it is
    assert 'name="cursor" value="more"' in text


def test_the_clients_behind_a_state_are_taken_away_whole(owner):
    pages = {None: Page((a_standing(),), next="more"), "more": Page((a_standing(state="lost"),))}
    owner.bus.answers[wire.ListStandings] = lambda asked: pages[asked.cursor]
    owner.bus.answers[NameClients] = ClientNames((ClientName(SOMEBODY, "Clara"),))
    where = f"branch_id={HERE}&recency=interval&master_id={SOMEBODY}"
    assert f"/figures/standings/file?{where}".replace("&", "&amp;") in _sorted(owner, where)
    header, *rows = csv.reader(owner.http.get(f"/figures/standings/file?{where}&format=csv").text.splitlines())
    assert [row[header.index("state")] for row in rows] == ["at_risk", "lost"]
    assert {row[header.index("returns_percent")] for row in rows} == {"12.5"}
    assert "next" not in header
    asked = owner.bus.asked_of(wire.ListStandings)[-1]
    assert (asked.branch_id, asked.recency, asked.master_id, asked.cursor) == (HERE, "interval", SOMEBODY, "more")
    assert owner.http.get(f"/figures/standings/file?{where}&format=png").status_code == 404


def _sorted(owner, where):
    text = owner.http.get(f"/figures/standings?{where}").text
    assert f'name="master_id" value="{SOMEBODY}"' in text  # another state is of the same master
    assert f'href="/figures/standings?branch_id={HERE}&amp;recency=interval"' in text  # and the way back to all
    return text.replace(f"recency=interval&amp;branch_id={HERE}", f"branch_id={HERE}&amp;recency=interval")


def a_reliability(client_id, percent):
    return wire.Reliability(client_id, 9, 3, 1, percent, percent / 2, percent * 2, "Clara")


def test_who_does_not_come_is_drawn_and_taken_away(owner):
    found = wire.NoShows(90, 9, 10, (a_reliability(SOMEBODY, 30),), "")
    owner.bus.answers[wire.ShowNoShows] = found
    owner.bus.answers[NameClients] = ClientNames((ClientName(SOMEBODY, "Clara"),))
    ((plot,),) = plots_in(russian(owner).http.get(f"/figures/no-shows?{PERIOD}").text)
    assert (plot["labels"], plot["series"][0]["values"], plot["unit"]) == (["Clara"], [30.0], "percent")
    assert plot["beside"] == ["30\u00a0% (15\u00a0% – 60\u00a0%)"]
    assert "client_id" in owner.http.get(f"/figures/no-shows/file?{PERIOD}&format=csv").text
    drawn = owner.http.get(f"/figures/no-shows/file?{PERIOD}&format=svg")
    assert "Вероятность не прийти" in drawn.text


def test_without_the_right_to_clients_figures_have_no_names(web):
    marketer = a_user("analytics.read")
    web.bus.answers |= {ShowMe: ME, ListBranches: Page(()), wire.ListStandings: Page((a_standing(),))}
    web.http.set_cookie("lokon_access", web.as_(marketer)["Authorization"].removeprefix("Bearer "))
    web.http.set_cookie("lokon_session", "refresh-1")
    text = web.http.get("/figures/standings").text
    assert str(SOMEBODY)[-6:] in text
    assert f"/clients/{SOMEBODY}" not in text
    assert web.bus.asked_of(NameClients) == []


def a_churn():
    trial = wire.ModelTrial(
        date(2025, 10, 1),
        90,
        500,
        (wire.ModelScore("rule", 0.71, 0.2, True, ()), wire.ModelScore("bg_nbd", 0.8, 0.1, True, ())),
    )
    states = tuple(
        wire.StateCount(state, count, REVENUE, 40) for state, count in (("active", 5), ("due", 2), ("lost", 1))
    )
    master = wire.StatesOf(5, 2, 0, 0, 1, master_id=SOMEBODY)
    return wire.Churn(
        date(2026, 1, 5),
        30,
        wire.StateBorders(1, 2, 3, 6, 365),
        states,
        (),
        (master,),
        (),
        "bg_nbd",
        None,
        trial,
        "",
        None,
    )


def test_who_stays_away_is_counted_by_state_with_the_way_to_them_and_how_well_it_was_foreseen(owner):
    owner.bus.answers[wire.ShowChurn] = a_churn()
    text = russian(owner).http.get("/figures/churn").text
    ((plot,),) = plots_in(text)
    assert plot["labels"] == ["Активные", "Пора прийти", "Потерянные"]
    assert 'href="/figures/standings?state=lost"' in text
    at_a_masters = f'href="/figures/standings?state=due&amp;master_id={SOMEBODY}"'
    assert at_a_masters in text  # who is counted is one click away
    ours = russian(owner).http.get(f"/figures/churn?branch_id={HERE}").text
    assert f'href="/figures/standings?branch_id={HERE}&amp;state=lost"' in ours
    assert "0,71" in text
    assert 'hx-get="/figures/churn/borders"' in text


def test_borders_of_states_are_decimals_of_the_language_with_the_version_that_was_seen(owner):
    owner.bus.answers[wire.ShowChurnSettings] = wire.ChurnSettings(4, 1.5, 2, 3, 6, 365)
    owner.bus.answers[wire.ChangeChurnSettings] = wire.ChurnSettings(5, 1.5, 2, 3, 6, 365)
    csrf = csrf_of(owner)
    assert 'value="1,5"' in russian(owner).http.get("/figures/churn/borders", headers={"HX-Request": "true"}).text
    form = {"csrf": csrf, "key": KEY, "version": "4", "due": "1,25", "at_risk": "2", "sleeping": "3", "lost": "6"}
    answer = owner.http.post("/figures/churn/borders", data=form | {"lost_days": "365"}, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    (changed,) = owner.bus.asked_of(wire.ChangeChurnSettings)
    assert (changed.version, str(changed.due), changed.lost_days) == (4, "1.25", 365)
    wrong = owner.http.post("/figures/churn/borders", data=form | {"due": "soon", "lost_days": "365"})
    assert wrong.status_code == 422


def test_what_the_salon_gains_says_what_each_figure_counts_and_what_is_not_measured(owner):
    row = wire.BenefitRow(
        "2026-01", 9, (wire.ChannelBookings("online", 6), wire.ChannelBookings(None, 3)), 2, 1, 90, 7, REVENUE, 2,
        REVENUE, 10, REVENUE, 50, 4, 2, 50,
    )  # fmt: skip
    measures = (
        wire.Measure(
            "admin_minutes_per_booking",
            "Not measured: how long somebody works on a booking is not recorded.",
            measured=False,
        ),
    )
    owner.bus.answers[wire.ShowBenefits] = wire.Benefits((row,), measures)
    text = russian(owner).http.get(f"/figures/benefits?{PERIOD}").text
    ((by_channel, per_master),) = plots_in(text)
    assert [(each["name"], each["values"]) for each in by_channel["series"]] == [
        ("Онлайн", [6.0]),
        ("Неизвестно", [3.0]),
    ]
    assert per_master["unit"] == "money"
    assert "Не измеряется" in text
    assert "1,5 ч" in text  # until somebody was answered


# --- sources --------------------------------------------------------------------------------------------------------


def a_node(name, clients, own, children=(), **more):
    own = wire.OwnFigures(own, own, Money(own * 100, "RUB"))
    money = Money(clients * 100, "RUB")
    return wire.SourceNode(name, more.pop("kind", "channel"), clients, clients, money, own, children, **more)


def test_sources_are_rings_and_a_tree_that_asks_for_more_when_it_is_unfolded(owner):
    brought = a_node("Clara", 3, 1, kind="client", client_id=SOMEBODY)
    channels = (a_node("instagram", 9, 2, (brought,)), a_node(None, 1, 1))
    owner.bus.answers[wire.ShowSources] = a_node(None, 10, 0, channels, kind="root", definition="")
    owner.bus.answers[NameClients] = ClientNames(())
    text = owner.http.get(f"/figures/sources?{PERIOD}&by=clients").text
    ((rings,),) = plots_in(text)
    assert [(ring["texts"][0], ring["size"]) for ring in rings["root"]["children"]] == [
        ("instagram", 9),
        ("Unknown", 1),
    ]
    assert rings["root"]["children"][0]["children"][0]["size"] == 3
    below = html.unescape(re.search(r'hx-get="([^"]*channel=instagram[^"]*)"', text)[1])
    owner.bus.answers[wire.ShowSources] = a_node("instagram", 9, 2, (brought,), left_out=4, definition="")
    part = owner.http.get(below, headers={"HX-Request": "true"}).text
    asked = owner.bus.asked_of(wire.ShowSources)[-1]
    assert (asked.channel, asked.depth) == ("instagram", 1)
    assert "under=" + str(SOMEBODY) in part
    assert "4 more" in part


def test_only_those_are_named_who_are_drawn_or_stand_in_a_line(owner):
    """Each name is unsealed by itself: of a thousand people at the rim that took longer than everything else."""
    small = [a_node(None, 1, 1, kind="client", client_id=uuid4()) for _ in range(5)]
    large = a_node(None, 300, 1, (small[0],), kind="client", client_id=SOMEBODY)
    channels = (a_node("instagram", 900, 0, (large, *small[1:4]), left_out=2), a_node(None, 100, 99, (small[4],)))
    owner.bus.answers[wire.ShowSources] = a_node(None, 1_000, 0, channels, kind="root", definition="")
    owner.bus.answers[NameClients] = ClientNames((ClientName(SOMEBODY, "Clara"), ClientName(small[4].client_id, "Eva")))
    text = owner.http.get(f"/figures/sources?{PERIOD}&by=clients").text
    assert [set(asked.ids) for asked in owner.bus.asked_of(NameClients)] == [{SOMEBODY, small[4].client_id}]
    ((rings,),) = plots_in(text)
    drawn = rings["root"]["children"][0]["children"]
    assert [(each["texts"][0], each["size"]) for each in drawn] == [("Clara", 300), ("Others (5)", 600)]
    assert "Eva" in text


# --- dashboards -----------------------------------------------------------------------------------------------------


def test_the_day_begins_with_ones_own_dashboard_else_that_of_the_role(owner):
    given = [a_dashboard(id=each.id, role=each.role, own=False) for each in GIVEN]
    owner.bus.answers[wire.ListDashboards] = Page(tuple(reversed(given)))
    assert owner.http.get("/").headers["Location"] == "/dashboard"
    assert owner.http.get("/dashboard").headers["Location"] == f"/dashboards/{GIVEN[0].id}"
    owner.bus.answers[wire.ListDashboards] = Page((*given, a_dashboard()))
    assert owner.http.get("/dashboard").headers["Location"] == f"/dashboards/{OWN}"


@pytest.mark.parametrize(
    ("words", "begins"), [(("analytics.read", "appointments.read"), "/dashboard"), (("appointments.read",), "/desk")]
)
def test_who_reads_figures_begins_with_them_and_everybody_else_at_the_desk(web, words, begins):
    somebody = a_user(*words)
    web.http.set_cookie("lokon_access", web.as_(somebody)["Authorization"].removeprefix("Bearer "))
    web.http.set_cookie("lokon_session", "refresh-1")
    assert web.http.get("/").headers["Location"] == begins


def test_every_widget_asks_for_itself_and_says_what_it_is(owner):
    text = owner.http.get(f"/dashboards/{OWN}").text
    addresses = [html.unescape(found) for found in re.findall(r'hx-get="(/dashboards/widget[^"]*)"', text)]
    assert len(addresses) == 2
    assert "<script>alert" not in text
    part = owner.http.get(addresses[0], headers={"HX-Request": "true"}).text
    ((first, second),) = plots_in(part)
    assert {first["kind"], second["kind"]} == {"lines"}
    assert "/figures/visits?group_by=month&amp;period=this_month" in part
    owner.bus.answers[wire.ShowChurn] = Conflict("odd", "it would not say")
    assert "It would not say." in owner.http.get(addresses[1], headers={"HX-Request": "true"}).text


def test_one_of_the_system_is_arranged_as_ones_own_and_once(owner):
    given = a_dashboard(id=GIVEN[0].id, own=False, role="owner", name="Owner")
    owner.bus.answers |= {wire.ShowDashboard: given, wire.SaveDashboard: a_dashboard()}
    text = owner.http.get(f"/dashboards/{given.id}?arrange=1").text
    assert 'id="layout"' not in text
    for _ in range(2):
        answer = owner.http.post(f"/dashboards/{given.id}/copy", data={"csrf": csrf_of(owner), "key": KEY})
        assert answer.headers["Location"] == f"/dashboards/{OWN}?arrange=1"
    saved = owner.bus.asked_of(wire.SaveDashboard)
    assert saved[0] == saved[1]
    assert [widget.figure for widget in saved[0].widgets] == ["visits", "churn"]
    keys = {ask.key for ask in owner.bus.envelopes if ask.name == "SaveDashboard"}
    assert keys == {KEY}


def test_an_arrangement_is_saved_as_it_stands_on_the_page(owner):
    owner.bus.answers[wire.ChangeDashboard] = a_dashboard(version=4)
    widgets = [
        {"figure": "churn", "shown_as": "table", "width": 3},
        {"figure": "visits", "shown_as": "total", "width": 9},
    ]
    form = {"csrf": csrf_of(owner), "version": "3", "widgets": json.dumps(widgets)}
    answer = owner.http.post(f"/dashboards/{OWN}/layout", data=form, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert json.loads(answer.headers["HX-Trigger"])["done"]["version"] == "4"
    (changed,) = owner.bus.asked_of(wire.ChangeDashboard)
    assert (changed.version, [(each.figure, each.width) for each in changed.widgets]) == (
        3,
        [("churn", 3), ("visits", 9)],
    )


@pytest.mark.parametrize("widgets", ["", "{", "[]", '[{"figure": "happiness", "shown_as": "bars"}]', '[{"width": 99}]'])
def test_an_arrangement_that_is_none_changes_nothing(owner, widgets):
    form = {"csrf": csrf_of(owner), "version": "3", "widgets": widgets}
    answer = owner.http.post(f"/dashboards/{OWN}/layout", data=form, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert owner.bus.asked_of(wire.ChangeDashboard) == []


@pytest.mark.parametrize("path", ["layout", "settings", "widgets", "copy", "remove"])
def test_forms_of_dashboards_without_their_token_do_nothing(owner, path):
    answer = owner.http.post(f"/dashboards/{OWN}/{path}", data={"key": KEY, "version": "3", "csrf": "0" * 64})
    assert answer.status_code == 403
    assert {type(asked) for asked in owner.bus.asked} & {
        wire.ChangeDashboard,
        wire.SaveDashboard,
        wire.RemoveDashboard,
    } == set()


def test_a_widget_that_is_added_takes_what_the_api_takes(owner):
    owner.bus.answers[wire.ChangeDashboard] = a_dashboard(version=4)
    form = {
        "csrf": csrf_of(owner), "key": KEY, "figure": "retention", "shown_as": "heat_map", "width": "12",
        "days": "90", "clients": "all", "group_by": "",
    }  # fmt: skip
    answer = owner.http.post(f"/dashboards/{OWN}/widgets", data=form, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (204, "true")
    (changed,) = owner.bus.asked_of(wire.ChangeDashboard)
    assert changed.widgets[-1].parameters == {"days": 90, "clients": "all", "group_by": []}
    assert len(changed.widgets) == 3


# --- the catalogue --------------------------------------------------------------------------------------------------


def test_figures_are_shown_as_what_dashboards_take():
    assert {figure.name: figure.shown_as for figure in FIGURES} == {
        name: options for name, options in SHOWN_AS.items() if name != "report"
    }


def test_everything_that_can_be_chosen_is_a_request():
    period = periods.named("last_30_days", date(2026, 11, 23))
    for figure in FIGURES:
        usual = {choice.name: choice.usual for choice in figure.choices}
        for choice in figure.choices:
            options = [value for value, _ in choice.options] or ["", f"service_id={SOMEBODY}", "category=Hair"]
            for value in options:
                asked = asked_of(figure, period, HERE, of_choices(usual | {choice.name: value}))
                assert isinstance(asked, figure.asks)
                assert asked.branch_id == HERE
        if any(choice.name == SUBJECT for choice in figure.choices):
            assert asked_of(figure, period, None, of_choices({SUBJECT: "category=Hair"})).category == "Hair"


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("today", "2026-03-31", "2026-03-31"),
        ("last_7_days", "2026-03-25", "2026-03-31"),
        ("this_month", "2026-03-01", "2026-03-31"),
        ("last_month", "2026-02-01", "2026-02-28"),
        ("this_year", "2026-01-01", "2026-03-31"),
        ("last_12_months", "2025-03-01", "2026-03-31"),
        ("next_7_days", "2026-03-31", "2026-04-06"),
    ],
)
def test_periods_by_their_names(name, first, last):
    found = periods.named(name, date(2026, 3, 31))
    assert (str(found.first), str(found.last)) == (first, last)


def test_a_leap_day_has_a_year_before():
    found = periods.Period(date(2024, 2, 29), date(2024, 2, 29)).year_before()
    assert found.first == date(2023, 2, 28)
