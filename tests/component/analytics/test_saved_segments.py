"""Segments: of whom a filter holds, who is in one at any time, and who may define and see which."""

from dataclasses import asdict, replace
from datetime import timedelta
from uuid import UUID

import pytest

from contracts.analytics import (
    ChangeSegment,
    CountSegment,
    ListSavedSegments,
    ListSegmentMembers,
    RemoveSegment,
    SaveSegment,
    SegmentMembersChanged,
    SegmentRemoved,
    ShowSavedSegment,
    ShowSegmentMembers,
)
from contracts.booking import AppointmentCancelled, AppointmentMissed
from kernel.errors import Forbidden, Invalid, NotFound, Stale
from kernel.time import utc_now
from services.analytics.domain.segments import FIELDS
from tests.builders import CLARA, ELSEWHERE, HERE, a_service, anna, boris
from tests.facts import (
    COLOUR,
    HAIRCUT,
    IRINA,
    OLGA,
    booked,
    completed,
    erased,
    line,
    merged,
    numbered,
    registered,
    retail,
)

LOYALTY = a_service("loyalty")
ONE, TWO, THREE, NEVER = (numbered(place) for place in (1, 2, 3, 4))
TODAY = utc_now().date()


def ago(days):
    return TODAY - timedelta(days=days)


def missed(appointment_id, client_id, days):
    words = {"status": "no_show", "version": 2, "local_date": ago(days)}
    return AppointmentMissed(**(asdict(booked(appointment_id, client_id)) | words))


def a_cancellation(appointment_id, client_id, days):
    words = {"status": "cancelled", "version": 2, "local_date": ago(days), "cancelled_by": "client"}
    return AppointmentCancelled(**(asdict(booked(appointment_id, client_id)) | words))


@pytest.fixture
def analytics(start):
    """One came three times for much, Two once by One, Three once elsewhere long ago, Never never."""
    service = start("analytics")
    service.deliver(
        registered(ONE, channel="Instagram", sex="female", birth_band=1990),
        registered(TWO, ONE, sex="male"),
        registered(THREE, channel="radio"),
        registered(NEVER),
        completed(numbered(11), ONE, line(100), local_date=ago(400)),
        completed(
            numbered(12),
            ONE,
            line(200, service_id=COLOUR, master_id=IRINA, discount=9, cost=30),
            local_date=ago(20),
            channel="widget",
        ),
        completed(numbered(13), ONE, line(300), local_date=ago(10)),
        completed(numbered(14), TWO, line(50), retail(5), local_date=ago(5)),
        completed(numbered(15), THREE, line(70), local_date=ago(200), branch_id=ELSEWHERE),
        completed(numbered(16), None, line(7), local_date=ago(5)),
        missed(numbered(17), TWO, 6),
        missed(numbered(18), TWO, 8),
        a_cancellation(numbered(19), THREE, 4),
    )
    return service


def count(analytics, condition, caller=None, **more):
    return analytics.ask(CountSegment(condition, **more), *([caller] if caller else []))


def ids(analytics, segment):
    return set(analytics.ask(ListSegmentMembers(segment.id), LOYALTY).ids)


def settle(analytics):
    """Who has to be judged again is, and segments decide about them after that."""
    analytics.tick()
    analytics.tick()


def saved(analytics, condition, **more):
    segment = analytics.ask(SaveSegment("A segment", condition, **more))
    settle(analytics)
    return segment


@pytest.mark.parametrize(
    ("condition", "members"),
    [
        ({"field": "visits", "at_least": 1}, {ONE, TWO, THREE}),
        ({"not": {"field": "visits", "at_least": 1}}, {NEVER}),
        ({"field": "visits", "is": 2, "within_days": 30}, {ONE}),
        ({"field": "visits", "is": 0, "within_days": 30}, {THREE, NEVER}),
        ({"field": "revenue", "above": 70}, {ONE}),
        ({"field": "revenue", "at_most": 55, "within_days": 365}, {TWO, NEVER}),
        ({"field": "average_check", "at_least": 200}, {ONE}),
        ({"field": "average_check", "is": 55}, {TWO}),
        ({"field": "days_since_last", "at_most": 10}, {ONE, TWO}),
        ({"field": "days_since_first", "above": 300}, {ONE}),
        ({"field": "service", "is": str(COLOUR)}, {ONE}),
        ({"not": {"field": "service", "is": str(HAIRCUT)}}, {NEVER}),
        ({"field": "service", "is": str(HAIRCUT), "within_days": 15}, {ONE, TWO}),
        ({"field": "category", "is": "hair", "within_days": 100}, {ONE, TWO}),
        ({"field": "master", "in": [str(IRINA), str(OLGA)], "within_days": 30}, {ONE, TWO}),
        ({"field": "branch", "is": str(ELSEWHERE)}, {THREE}),
        ({"field": "source", "is": "INSTAGRAM"}, {ONE, TWO}),
        ({"field": "source", "in": ["radio", None]}, {THREE, NEVER}),
        ({"field": "referred", "is": True}, {TWO}),
        ({"field": "brought", "at_least": 1}, {ONE}),
        ({"field": "discount", "above": 0}, {ONE}),
        ({"field": "margin", "at_most": 55, "within_days": 30}, {TWO, THREE, NEVER}),
        ({"field": "booked_through", "is": "widget"}, {ONE}),
        ({"field": "booked_through", "is": None}, {ONE, TWO, THREE}),
        ({"field": "no_shows", "at_least": 1}, {TWO}),
        ({"field": "no_shows", "is": 1, "within_days": 3}, set()),
        ({"field": "no_show_percent", "at_least": 33.3}, {TWO}),
        ({"not": {"field": "no_show_percent", "above": 66.7}}, {ONE, TWO, THREE, NEVER}),
        ({"field": "no_show_percent", "below": 1}, {ONE, THREE}),
        ({"field": "cancellations", "is": 1}, {THREE}),
        ({"field": "age", "at_least": TODAY.year - 1992}, {ONE}),
        ({"field": "sex", "in": ["female", "male"]}, {ONE, TWO}),
        ({"field": "sex", "is": None}, {THREE, NEVER}),
        ({"field": "birth_band", "at_least": 1990}, {ONE}),
        ({"and": [{"field": "sex", "is": "male"}, {"field": "visits", "is": 1}]}, {TWO}),
        ({"or": [{"field": "sex", "is": "male"}, {"field": "brought", "is": 1}]}, {ONE, TWO}),
        ({"not": {"or": [{"field": "sex", "is": "male"}, {"field": "brought", "is": 1}]}}, {THREE, NEVER}),
    ],
)
def test_a_filter_holds_of_whom_it_says(analytics, condition, members):
    found = count(analytics, condition)
    assert (found.clients, found.of) == (len(members), 4)
    assert ids(analytics, saved(analytics, condition)) == members


def test_standings_count_once_they_are_judged(analytics):
    settle(analytics)
    states = [{"field": "state", "is": name} for name in ("active", "due", "at_risk", "sleeping", "lost")]
    judged = {"or": states}
    assert ids(analytics, saved(analytics, judged)) <= {ONE, TWO, THREE}
    assert NEVER not in ids(analytics, saved(analytics, {"field": "money_score", "at_least": 1}))


def test_every_measure_may_be_a_condition(analytics):
    """Over the chain and over a branch, of the last days where that may be asked, and as the opposite."""
    settle(analytics)
    values = {"id": str(OLGA), "text": "hair", "whole": 1, "number": 0.5, "day": str(TODAY), "flag": True}
    operators = {"id": "is", "text": "is", "whole": "at_least", "number": "above", "day": "below", "flag": "is"}
    for name, field in FIELDS.items():
        value = field.options[0] if field.options else values[field.kind]
        asked = {"field": name, operators[field.kind]: value} | ({"within_days": 90} if field.windowed else {})
        for branch in (None, HERE):
            holds, fails = (count(analytics, each, branch_id=branch) for each in (asked, {"not": asked}))
            assert holds.clients + fails.clients == holds.of == fails.of


def test_what_clients_are_judged_by_may_be_a_condition(analytics):
    settle(analytics)
    assert ids(analytics, saved(analytics, {"field": "last_master", "is": str(OLGA)})) == {ONE, TWO, THREE}
    assert ids(analytics, saved(analytics, {"field": "last_service", "is": str(COLOUR)})) == set()
    new = {"field": "rfm", "is": "new"}
    asleep = {"and": [{"not": new}, {"field": "last_service", "is": str(HAIRCUT)}]}
    assert ids(analytics, saved(analytics, new)) == {TWO}
    assert ids(analytics, saved(analytics, asleep)) == {ONE, THREE}


def test_who_missed_an_appointment_is_decided_about_again(analytics):
    segment = saved(analytics, {"field": "no_shows", "at_least": 1})
    assert ids(analytics, segment) == {TWO}
    analytics.deliver(missed(numbered(31), NEVER, 1))
    settle(analytics)
    assert ids(analytics, segment) == {TWO, NEVER}


def test_members_follow_what_happens_and_others_are_told(analytics):
    segment = saved(analytics, {"field": "visits", "at_least": 2})
    assert ids(analytics, segment) == {ONE}
    analytics.deliver(completed(numbered(21), TWO, line(1), local_date=ago(1)))
    settle(analytics)
    assert ids(analytics, segment) == {ONE, TWO}
    analytics.deliver(
        completed(numbered(12), THREE, version=5, local_date=ago(20)), completed(numbered(13), None, version=5)
    )
    settle(analytics)
    assert ids(analytics, segment) == {TWO, THREE}
    told = analytics.announced(SegmentMembersChanged)
    assert [(event.position, set(event.joined), set(event.left)) for event in told] == [
        (1, {ONE}, set()),
        (2, {TWO}, set()),
        (3, {THREE}, {ONE}),
    ]
    shown = analytics.ask(ShowSavedSegment(segment.id))
    assert (shown.members, shown.version) == (2, 1)
    assert shown.counted_at is not None


def test_a_card_that_became_part_of_another_is_in_no_segment(analytics):
    segment = saved(analytics, {"field": "visits", "at_least": 4})
    analytics.deliver(merged(ONE, TWO))
    settle(analytics)
    assert ids(analytics, segment) == {ONE}
    everybody = saved(analytics, {"field": "visits", "at_least": 0})
    assert ids(analytics, everybody) == {ONE, THREE, NEVER}


def test_erased_people_are_in_no_segment(analytics):
    everybody = saved(analytics, {"field": "visits", "at_least": 0})
    analytics.deliver(erased(TWO))
    settle(analytics)
    assert ids(analytics, everybody) == {ONE, THREE, NEVER}
    assert count(analytics, {"field": "visits", "at_least": 0}).of == 3


def test_deciding_about_some_is_the_same_as_about_all(analytics):
    conditions = [
        {"field": "service", "is": str(COLOUR), "within_days": 30},
        {"field": "brought", "is": 0},
        {"field": "days_since_last", "below": 6},
        {"not": {"field": "category", "is": "hair"}},
    ]
    segments = [saved(analytics, each) for each in conditions]
    analytics.deliver(
        completed(numbered(31), NEVER, line(5, service_id=COLOUR), local_date=ago(2)),
        registered(CLARA, NEVER),
        completed(numbered(32), THREE, retail(9), local_date=ago(1)),
    )
    settle(analytics)
    assert [ids(analytics, one) for one in segments] == [ids(analytics, saved(analytics, each)) for each in conditions]


def test_another_filter_decides_about_everybody_anew(analytics):
    segment = saved(analytics, {"field": "visits", "at_least": 2})
    analytics.ask(ChangeSegment(segment.id, 1, filter={"field": "visits", "is": 0}))
    settle(analytics)
    assert ids(analytics, segment) == {NEVER}
    with pytest.raises(Stale):
        analytics.ask(ChangeSegment(segment.id, 1, name="Late"))
    analytics.ask(RemoveSegment(segment.id, 2))
    assert [event.segment_id for event in analytics.announced(SegmentRemoved)] == [segment.id]
    with pytest.raises(NotFound):
        analytics.ask(ListSegmentMembers(segment.id), LOYALTY)
    settle(analytics)


def test_members_come_in_pages_to_people_and_services(analytics):
    segment = saved(analytics, {"field": "visits", "at_least": 1})
    page = analytics.ask(ShowSegmentMembers(segment.id, limit=2))
    rest = analytics.ask(ShowSegmentMembers(segment.id, limit=2, cursor=page.next))
    assert [each.client_id for each in (*page.items, *rest.items)] == [ONE, TWO, THREE]
    assert rest.next is None
    first = analytics.ask(ListSegmentMembers(segment.id, limit=2), LOYALTY)
    assert (first.ids, first.position) == ((ONE, TWO), 1)
    assert analytics.ask(ListSegmentMembers(segment.id, 2, first.next), LOYALTY).ids == (THREE,)
    with pytest.raises(Forbidden):
        analytics.ask(ListSegmentMembers(segment.id), anna("analytics.read"))


def test_a_branch_has_segments_of_its_own(analytics):
    reads, edits = anna("analytics.read"), anna("analytics.read", "segments.edit")
    came = {"field": "visits", "at_least": 1}
    with pytest.raises(Forbidden):
        count(analytics, came, reads)
    with pytest.raises(Invalid) as refused:
        count(analytics, came, reads, branch_id=ELSEWHERE)
    assert refused.value.code == "branch_unknown"
    assert (count(analytics, came, reads, branch_id=HERE).clients, count(analytics, came).clients) == (2, 3)
    with pytest.raises(Forbidden):
        analytics.ask(SaveSegment("Mine", came), edits)
    here = analytics.ask(SaveSegment("Mine", came, HERE), edits)
    chain = saved(analytics, came)
    assert ids(analytics, here) == {ONE, TWO}
    assert [each.id for each in analytics.ask(ListSavedSegments()).items] == [here.id, chain.id]
    assert [each.id for each in analytics.ask(ListSavedSegments(), reads).items] == [here.id]
    with pytest.raises(NotFound):
        analytics.ask(ShowSavedSegment(here.id), boris("analytics.read"))
    with pytest.raises(NotFound):
        analytics.ask(ShowSegmentMembers(chain.id), reads)
    with pytest.raises(NotFound):
        analytics.ask(RemoveSegment(chain.id, 1), edits)
    with pytest.raises(Forbidden):
        analytics.ask(RemoveSegment(here.id, 1), reads)
    analytics.ask(RemoveSegment(here.id, 1), edits)


def test_who_has_every_branch_has_the_segments_of_the_chain(analytics):
    rights = ("analytics.read", "segments.edit")
    everywhere = replace(anna(*rights), branch_ids=frozenset({HERE, ELSEWHERE}))
    came = {"field": "visits", "at_least": 1}
    assert count(analytics, came, everywhere).clients == 3
    chain = analytics.ask(SaveSegment("All", came), everywhere)
    assert chain.branch_id is None
    assert [each.id for each in analytics.ask(ListSavedSegments(), everywhere).items] == [chain.id]
    assert analytics.ask(ChangeSegment(chain.id, 1, name="Everybody"), everywhere).version == 2
    with pytest.raises(NotFound):
        analytics.ask(ShowSavedSegment(chain.id), anna(*rights))
    third = UUID(int=3)
    analytics.deliver(completed(numbered(18), TWO, line(10), local_date=ago(1), branch_id=third))
    with pytest.raises(NotFound):
        analytics.ask(ShowSavedSegment(chain.id), everywhere)
    with pytest.raises(Forbidden):
        count(analytics, came, everywhere)
    analytics.ask(RemoveSegment(chain.id, 2))


@pytest.mark.parametrize(
    ("condition", "code", "place"),
    [
        ({"field": "phone", "is": "1"}, "field_unknown", "filter.field"),
        ({"field": "visits", "is": "3"}, "filter_wrong_type", "filter.is"),
        ({"field": "visits", "is": 3, "within_days": 0}, "filter_wrong_type", "filter.within_days"),
        ({"field": "sex", "is": "other"}, "filter_wrong_type", "filter.is"),
        ({"field": "birth_band", "is": 1983}, "filter_wrong_type", "filter.is"),
        ({"field": "birth_band", "in": [1985, 1984]}, "filter_wrong_type", "filter.in.1"),
        ({"field": "money_score", "at_least": 6}, "filter_wrong_type", "filter.at_least"),
        ({"field": "sex", "is": "male", "within_days": 3}, "filter_invalid", "filter.within_days"),
        ({"and": [{"field": "rfm", "in": ["champions", "x"]}]}, "filter_wrong_type", "filter.and.0.in.1"),
        ({}, "filter_invalid", "filter"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(analytics, condition, code, place):
    for asked in (CountSegment(condition), SaveSegment("Wrong", condition)):
        with pytest.raises(Invalid) as refused:
            analytics.ask(asked)
        assert refused.value.code == code
        assert place in refused.value.details["errors"]
