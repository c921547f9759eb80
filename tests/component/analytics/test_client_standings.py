"""Where clients stand, by the days on which they came: in segments and states, and one by one."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from contracts.analytics import (
    ChangeChurnSettings,
    ListStandings,
    ShowChurn,
    ShowChurnSettings,
    ShowLifetimeValue,
    ShowPeople,
    ShowSegments,
)
from kernel.errors import Forbidden, Invalid, NotFound, Stale
from services.analytics.tables import client_standings, standings_due
from services.analytics.usecases import standings
from tests.builders import CLARA, ELSEWHERE, HERE, a_user, anna, boris
from tests.facts import COLOUR, HAIRCUT, IRINA, OLGA, completed, line, merged, numbered, refunded

NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)
YEAR = {"from_": date(2026, 1, 1), "to": date(2026, 12, 31)}


@pytest.fixture
def analytics(start):
    return start("analytics")


def judge(analytics, now=NOW):
    """As the clock does."""
    with analytics.session() as session:
        while standings.judge(session, now):
            pass
        session.commit()


def rows(analytics):
    """Everything that is kept of where clients stand, in one order."""
    with analytics.session() as session:
        table = client_standings
        return session.execute(select(table).order_by(table.c.client_id, table.c.branch_id)).all()


def regulars(count, every=30, times=6, last=date(2026, 11, 25), first=0, **changes):
    """`count` people, numbered from `first` on, who come every so many days, each day of a week one of them.

    The last time is on `last` or some days before.
    """
    return [
        completed(
            numbered(10_000 + person * 100 + time),
            numbered(1_000 + person),
            line(1_000 + person),
            **({"local_date": last - timedelta(days=person % 7 + every * (times - 1 - time))} | changes),
        )
        for person in range(first, first + count)
        for time in range(times)
    ]


def counts(found):
    return {row.segment: row.clients for row in found.rows if row.clients}


def states(found):
    return {row.state: row.clients for row in found.states if row.clients}


def standing(analytics, client_id, **asked):
    (found,) = [one for one in analytics.ask(ListStandings(limit=200, **asked)).items if one.client_id == client_id]
    return found


# --- who has a row ---------------------------------------------------------------------------------------------------


def test_everybody_has_a_row_for_the_chain_and_for_each_branch(analytics):
    analytics.deliver(*regulars(5), completed(numbered(1), CLARA, branch_id=ELSEWHERE, local_date=date(2026, 11, 30)))
    analytics.deliver(completed(numbered(2), numbered(1_000), branch_id=ELSEWHERE, local_date=date(2026, 1, 5)))
    judge(analytics)
    found = rows(analytics)
    assert {row.branch_id for row in found if row.client_id == CLARA} == {None, ELSEWHERE}
    assert {row.branch_id for row in found if row.client_id == numbered(1_000)} == {None, HERE, ELSEWHERE}
    days = {row.branch_id: row.days for row in found if row.client_id == numbered(1_000)}
    assert days == {None: 7, HERE: 6, ELSEWHERE: 1}


def test_visits_without_a_card_are_nobodys(analytics):
    analytics.deliver(completed(numbered(1), None, local_date=date(2026, 11, 30)))
    judge(analytics)
    assert rows(analytics) == []


def test_a_client_is_the_masters_who_did_most_of_the_last_visit(analytics):
    analytics.deliver(
        completed(numbered(1), CLARA, local_date=date(2026, 11, 1)),
        completed(
            numbered(2),
            CLARA,
            line(10),
            line(90, service_id=COLOUR, master_id=IRINA),
            branch_id=ELSEWHERE,
            local_date=date(2026, 11, 9),
        ),
    )
    judge(analytics)
    found = {row.branch_id: (row.master_id, row.service_id) for row in rows(analytics)}
    assert found == {None: (IRINA, COLOUR), ELSEWHERE: (IRINA, COLOUR), HERE: (OLGA, HAIRCUT)}


def test_who_came_meanwhile_is_judged_by_what_was_learnt_in_the_morning(analytics):
    """And stands where judging everybody anew, by the same, would put them."""
    analytics.deliver(*regulars(60))
    judge(analytics)
    before = {(row.client_id, row.branch_id): row for row in rows(analytics)}
    analytics.deliver(completed(numbered(1), numbered(1_000), line(7), local_date=date(2026, 12, 1)))
    judge(analytics)
    after = {(row.client_id, row.branch_id): row for row in rows(analytics)}
    changed = {key for key in after if after[key] != before.get(key)}
    assert changed == {(numbered(1_000), None), (numbered(1_000), HERE)}
    assert after[numbered(1_000), None].last_day == date(2026, 12, 1)
    with analytics.session() as session:
        assert session.scalar(select(func.count()).select_from(standings_due)) == 0


def test_a_history_that_comes_in_the_afternoon_is_learnt_from_at_once(analytics):
    """An installation is judged before it holds anything; what then comes from another system is no morning's."""
    judge(analytics)
    analytics.deliver(*regulars(60))
    judge(analytics)
    assert states(analytics.ask(ShowChurn())) == {"active": 60}
    assert analytics.ask(ShowSegments()).borders.fixed is False
    kept = rows(analytics)
    with analytics.session() as session:
        standings.judge_everybody(session, NOW)
        session.commit()
    assert rows(analytics) == kept


def test_what_was_learnt_of_little_does_not_hold_for_a_week(analytics):
    analytics.deliver(*regulars(20))
    judge(analytics)
    analytics.deliver(*regulars(20, every=90, times=3, first=100))
    judge(analytics, NOW + timedelta(days=1))
    assert analytics.ask(ShowChurn()).usual_days == 30
    analytics.deliver(*regulars(60, every=90, times=4, first=200))
    judge(analytics, NOW + timedelta(days=2))
    assert analytics.ask(ShowChurn()).usual_days == 90


def test_of_two_cards_that_became_one_there_is_one(analytics):
    analytics.deliver(*regulars(30), completed(numbered(1), CLARA, local_date=date(2026, 11, 30)))
    judge(analytics)
    analytics.deliver(merged(numbered(1_000), CLARA))
    judge(analytics)
    assert CLARA not in {row.client_id for row in rows(analytics)}
    assert standing(analytics, numbered(1_000)).last_visit == date(2026, 11, 30)


def test_a_refund_lowers_what_somebody_spent(analytics):
    analytics.deliver(*regulars(30), completed(numbered(1), CLARA, local_date=date(2026, 11, 30)))
    judge(analytics)
    analytics.deliver(refunded(numbered(1), CLARA, line(refunded=40_000), local_date=date(2026, 11, 30)))
    judge(analytics)
    assert standing(analytics, CLARA).revenue.amount == 60_000


def test_the_next_day_everybody_is_judged_anew(analytics):
    analytics.deliver(*regulars(30))
    judge(analytics)
    assert standing(analytics, numbered(1_000)).days_since == 6
    judge(analytics, NOW + timedelta(days=1))
    assert standing(analytics, numbered(1_000)).days_since == 7
    assert analytics.ask(ShowSegments()).as_of == date(2026, 12, 2)


# --- segments --------------------------------------------------------------------------------------------------------


def test_segments_hold_everybody_once_and_say_by_what(analytics):
    analytics.deliver(*regulars(70), completed(numbered(1), CLARA, line(9), local_date=date(2026, 11, 30)))
    judge(analytics)
    for recency in ("days", "interval"):
        found = analytics.ask(ShowSegments(recency))
        assert sum(row.clients for row in found.rows) == 71
        assert sum(row.visits for row in found.rows) == 421
        assert sum(row.revenue.amount for row in found.rows) == 9 + 6 * sum(range(1_000, 1_070))
        assert counts(found)["new"] == 1
        assert len(found.rows) == 10
        assert found.borders.fixed is False
        assert found.reason is None
    assert analytics.ask(ShowSegments()).borders.visits[2:] == (None, None)  # all came as often: nobody scores 4 or 5


def test_few_clients_are_judged_by_fixed_borders(analytics):
    analytics.deliver(*regulars(10))
    judge(analytics)
    borders = analytics.ask(ShowSegments()).borders
    assert borders.fixed
    assert borders.recency == (180, 90, 60, 30)
    assert standing(analytics, numbered(1_000)).scores == 544


def test_before_anything_was_judged_and_without_visits_it_is_said_so(analytics):
    assert analytics.ask(ShowSegments()).reason == "not_computed_yet"
    assert analytics.ask(ShowChurn()).reason == "not_computed_yet"
    assert analytics.ask(ShowLifetimeValue()).reason == "not_computed_yet"
    assert analytics.ask(ShowPeople(**YEAR)).sleeping_reason == "not_computed_yet"
    assert analytics.ask(ListStandings()).items == ()
    judge(analytics)
    assert analytics.ask(ShowSegments()).reason == "no_visits"
    assert analytics.ask(ShowChurn()).reason == "too_few_gaps"
    assert analytics.ask(ShowLifetimeValue()).reason == "too_few_clients"
    assert analytics.ask(ShowPeople(**YEAR)).reason == "no_visits"


def test_without_gaps_there_are_segments_by_days_only(analytics):
    analytics.deliver(completed(numbered(1), CLARA, local_date=date(2026, 11, 30)))
    judge(analytics)
    assert counts(analytics.ask(ShowSegments())) == {"new": 1}
    assert analytics.ask(ShowSegments("interval")).reason == "too_few_gaps"
    one = standing(analytics, CLARA)
    assert (one.state, one.interval_days, one.returns_percent, one.value) == (None, None, None, None)
    assert standing(analytics, CLARA, recency="interval").segment == "new"


# --- states ----------------------------------------------------------------------------------------------------------


def test_states_are_by_the_interval_of_each(analytics):
    analytics.deliver(*regulars(20))
    late = {"at_risk": date(2026, 10, 1), "sleeping": date(2026, 8, 15), "lost": date(2026, 2, 1)}
    for place, last in enumerate(late.values()):
        analytics.deliver(completed(numbered(place + 1), numbered(place + 1), local_date=last))
    judge(analytics)
    found = analytics.ask(ShowChurn())
    assert states(found) == {"active": 20, "at_risk": 1, "sleeping": 1, "lost": 1}
    assert found.usual_days == 30
    assert (found.model, found.model_reason, found.back_test) == ("rule", "too_few_clients", None)
    assert [(one.branch_id, one.active, one.lost) for one in found.branches] == [(HERE, 20, 1)]
    assert [(one.master_id, one.active, one.lost) for one in found.masters] == [(OLGA, 20, 1)]
    for place, state in enumerate(late):
        (one,) = analytics.ask(ListStandings(state=state)).items
        assert (one.client_id, one.state) == (numbered(place + 1), state)
        assert one.causes[0].endswith("times the 30 days to expect")
        assert "came only once, so the interval is the usual one" in one.causes
    assert standing(analytics, numbered(1_000)).causes == ()


def test_states_follow_the_settings(analytics):
    analytics.deliver(*regulars(20))
    judge(analytics)
    kept = analytics.ask(ShowChurnSettings())
    assert (kept.version, kept.due, kept.lost_days) == (1, 1, 365)
    changed = analytics.ask(ChangeChurnSettings(1, due=Decimal("0.1"), at_risk=Decimal("0.2")))
    assert (changed.version, changed.due, changed.at_risk, changed.sleeping) == (2, Decimal("0.1"), Decimal("0.2"), 3)
    assert states(analytics.ask(ShowChurn())) == {"active": 20}
    judge(analytics)
    assert states(analytics.ask(ShowChurn())).get("active", 0) == 0
    assert analytics.ask(ShowChurn()).borders.due == Decimal("0.1")
    with pytest.raises(Stale):
        analytics.ask(ChangeChurnSettings(1, lost_days=100))
    with pytest.raises(Invalid, match="borders_not_ascending"):
        analytics.ask(ChangeChurnSettings(2, due=Decimal(9)))
    for caller in (anna("analytics.read"), anna("settings.edit")):
        with pytest.raises(Forbidden):
            analytics.ask(ChangeChurnSettings(2, lost_days=100), caller)
    assert analytics.ask(ShowChurnSettings(), anna("analytics.read")) == changed


def test_a_list_goes_on_where_it_ended(analytics):
    analytics.deliver(*regulars(7))
    judge(analytics)
    whole = [one.client_id for one in analytics.ask(ListStandings()).items]
    assert whole == [numbered(1_000 + person) for person in reversed(range(7))]
    parts, cursor = [], None
    while True:
        page = analytics.ask(ListStandings(limit=2, cursor=cursor))
        parts += [one.client_id for one in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert parts == whole
    assert analytics.ask(ListStandings(master_id=IRINA)).items == ()
    with pytest.raises(Invalid, match="cursor_invalid"):
        analytics.ask(ListStandings(cursor="nonsense"))


# --- new, regular, sleeping ------------------------------------------------------------------------------------------


def people(analytics, **asked):
    found = analytics.ask(ShowPeople(**(YEAR | asked)))
    return [(row.came, row.new, row.regular, row.other, row.sleeping) for row in found.rows]


def test_who_came_is_new_regular_or_neither(analytics):
    analytics.deliver(
        *regulars(3),
        completed(numbered(1), CLARA, local_date=date(2025, 5, 5)),
        completed(numbered(2), CLARA, local_date=date(2026, 11, 5)),
        completed(numbered(3), numbered(3), local_date=date(2026, 11, 6)),
    )
    november = {"from_": date(2026, 11, 1), "to": date(2026, 11, 30)}
    assert people(analytics, **november) == [(5, 1, 3, 1, None)]
    assert people(analytics, **november, group_by="branch") == [(5, 1, 3, 1, None)]
    assert people(analytics, **november, group_by="master") == [(5, 1, 3, 1, None)]
    assert people(analytics, **november, group_by="service") == [(5, 1, 3, 1, None)]
    assert people(analytics) == [(5, 4, 0, 1, None)]
    found = analytics.ask(ShowPeople(**november))
    assert (found.rows[0].regular_percent, found.reason) == (60, None)
    assert "3 days or more" in found.definition


def test_who_sleeps_is_where_they_were_last(analytics):
    analytics.deliver(
        *regulars(20), completed(numbered(1), CLARA, line(1, master_id=IRINA), local_date=date(2026, 8, 15))
    )
    judge(analytics)
    november = {"from_": date(2026, 11, 1), "to": date(2026, 11, 30)}
    assert people(analytics, **november) == [(20, 0, 20, 0, 1)]
    found = analytics.ask(ShowPeople(**november, group_by="master")).rows
    assert {row.master_id: (row.came, row.sleeping) for row in found} == {OLGA: (20, 0), IRINA: (0, 1)}
    assert people(analytics, **november, group_by="branch") == [(20, 0, 20, 0, 1)]


# --- who may see what ------------------------------------------------------------------------------------------------

ASKED = (ShowSegments, ShowChurn, ShowLifetimeValue, ListStandings)


def test_boris_sees_his_branch_and_nothing_of_this_one(analytics):
    analytics.deliver(*regulars(30), completed(numbered(1), CLARA, line(7), branch_id=ELSEWHERE))
    analytics.deliver(completed(numbered(2), numbered(1_000), line(5), branch_id=ELSEWHERE))
    judge(analytics)
    his, hers = boris("analytics.read"), anna("analytics.read")
    assert sum(counts(analytics.ask(ShowSegments(), his)).values()) == 2
    assert sum(row.revenue.amount for row in analytics.ask(ShowSegments(), his).rows) == 12
    assert {one.client_id for one in analytics.ask(ListStandings(), his).items} == {CLARA, numbered(1_000)}
    assert sum(counts(analytics.ask(ShowSegments(), hers)).values()) == 30
    assert {one.branch_id for one in analytics.ask(ShowChurn(), his).branches} == {ELSEWHERE}
    for ask in ASKED:
        with pytest.raises(NotFound, match="branch_not_found"):
            analytics.ask(ask(branch_id=HERE), his)
    with pytest.raises(NotFound, match="branch_not_found"):
        analytics.ask(ShowPeople(**YEAR, branch_id=HERE), his)
    nowhere = a_user("analytics.read")
    assert analytics.ask(ShowSegments(), nowhere).reason == "no_visits"
    assert analytics.ask(ListStandings(), nowhere).items == ()


def test_of_several_branches_everybody_counts_once(analytics):
    analytics.deliver(*regulars(30), completed(numbered(2), numbered(1_000), line(5), branch_id=ELSEWHERE))
    judge(analytics)
    both = a_user("analytics.read", branch_ids=frozenset({HERE, ELSEWHERE}))
    assert sum(counts(analytics.ask(ShowSegments(), both)).values()) == 30
    assert sum(one.active for one in analytics.ask(ShowChurn(), both).branches) == 30


def test_rights_and_periods_are_checked(analytics):
    for ask in (*(each() for each in ASKED), ShowPeople(**YEAR), ShowChurnSettings()):
        with pytest.raises(Forbidden):
            analytics.ask(ask, anna("loyalty.read"))
    for ask in (*(each() for each in ASKED), ShowPeople(**YEAR)):
        with pytest.raises(Forbidden):
            analytics.ask(ask, a_user("analytics.read.own", client_id=CLARA))
    with pytest.raises(Invalid, match="period_invalid"):
        analytics.ask(ShowPeople(date(2026, 2, 1), date(2026, 1, 1)))
