"""The best way to serve a visit, compared with trying every way there is."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from time import thread_time
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.errors import Conflict
from kernel.time import Interval
from services.booking.domain.hours import covered, joined
from services.booking.domain.packing import pack, pieces, whole_of
from services.booking.domain.units import choices
from services.booking.domain.wish import Diary, Need, Phase, Placed, Unit, Wish, groups_of

NINE = datetime(2026, 6, 1, 9, tzinfo=UTC)
ANNA, OLGA, NINA, VERA = MASTERS = tuple(UUID(int=number) for number in (1, 2, 3, 4))
CUT = UUID(int=11)
ROOM, CHAIR, LASER = (UUID(int=number) for number in (21, 22, 23))


def at(minute: int) -> datetime:
    return NINE + timedelta(minutes=minute)


def span(first: int, last: int) -> Interval:
    return Interval(at(first), at(last))


def need(*minutes: int, before: int = 0, after: int = 0) -> Need:
    """Phases by their minutes; those below zero wait."""
    return Need(tuple(Phase(abs(each), each > 0) for each in minutes), before, after)


def a_wish(*masters: UUID, minutes: int = 60, **more: object) -> Wish:
    return Wish(CUT, {master: need(minutes) for master in masters or MASTERS}, **more)


def a_day(*busy: Interval, starts: int = 0, ends: int = 600, **more: frozenset[UUID]) -> Diary:
    return Diary([span(starts, ends)], busy, **more)


# --- every way ------------------------------------------------------------------------------------------------------


def ways(
    wishes: Sequence[Wish], diaries: dict[UUID, Diary], units: Sequence[Unit] | None, starts: datetime
) -> Iterator[tuple[Placed, ...]]:
    """All that fit: every master for every wish, every unit for every master."""
    groups = groups_of(wishes)
    for masters in product(*(wish.needs.keys() & diaries.keys() for wish in wishes)):
        if any(len({masters[place] for place in group}) < len(group) for group in groups):
            continue
        placed, begins = [], starts
        for group in groups:
            placed += [Placed(wishes[place], masters[place], begins) for place in group]
            begins = max(each.work.ends for each in placed[-len(group) :])
        if not all(fits(each, diaries[each.master_id]) for each in placed):
            continue
        if units is None or all(rooms_suffice([placed[place] for place in group], diaries, units) for group in groups):
            yield tuple(placed)


def fits(placed: Placed, diary: Diary) -> bool:
    return covered(placed.need.keeps(placed.starts), joined(diary.open)) and not any(
        busy.overlaps(piece) for busy in diary.busy for piece in placed.need.busy(placed.starts)
    )


def rooms_suffice(group: Sequence[Placed], diaries: dict[UUID, Diary], units: Sequence[Unit]) -> bool:
    wanted = [
        [(unit, place) for unit in options for place in range(unit.places) if is_free(unit, place, each)]
        for each in group
        for options in choices(each.wish, diaries[each.master_id].room_ids, units)
    ]
    return any(len({(unit.id, place) for unit, place in spots}) == len(spots) for spots in product(*wanted))


def is_free(unit: Unit, place: int, placed: Placed) -> bool:
    keeps = placed.need.keeps(placed.starts)
    there = unit.open is None or covered(keeps, joined(unit.open))
    return there and not any(taken == place and busy.overlaps(keeps) for taken, busy in unit.busy)


def cost(visit: Sequence[Placed], diaries: dict[UUID, Diary], favourite: UUID | None) -> tuple[object, ...]:
    groups = [[visit[place] for place in group] for group in groups_of([each.wish for each in visit])]
    strangers = sum(favourite in each.wish.needs and each.master_id != favourite for each in visit)
    changes = sum(
        each.master_id not in {other.master_id for other in earlier}
        for earlier, later in pairwise(groups)
        for each in later
    )
    able = sorted({master for each in visit for master in each.wish.needs} & diaries.keys())
    turn = [(able.index(each.master_id) + visit[0].starts.toordinal()) % len(able) for each in visit]
    return (strangers, changes, gaps(groups, diaries), load(visit, diaries), tuple(turn))


def load(visit: Sequence[Placed], diaries: dict[UUID, Diary]) -> int:
    return sum(diaries[each.master_id].load for each in visit)


def gaps(groups: Sequence[Sequence[Placed]], diaries: dict[UUID, Diary]) -> int:
    count = 0
    for number, group in enumerate(groups):
        for each in group:
            diary, keeps = diaries[each.master_id], each.need.keeps(each.starts)
            earlier = groups[number - 1] if number else ()
            later = groups[number + 1] if number + 1 < len(groups) else ()
            met = any(o.master_id == each.master_id and o.need.keeps(o.starts).ends >= keeps.starts for o in earlier)
            meets = any(o.master_id == each.master_id and o.need.keeps(o.starts).starts <= keeps.ends for o in later)
            count += not met and idle(diary, keeps.starts - timedelta(minutes=1))
            count += not meets and idle(diary, keeps.ends)
    return count


def idle(diary: Diary, minute: datetime) -> bool:
    there = Interval(minute, minute + timedelta(minutes=1))
    return covered(there, joined(diary.open)) and not any(busy.overlaps(there) for busy in diary.busy)


# --- what is drawn --------------------------------------------------------------------------------------------------

minutes = st.sampled_from([5, 10, 15, 20, 30, 40])
phases = st.one_of(
    st.tuples(minutes.map(Phase)),
    st.tuples(minutes.map(Phase), minutes.map(lambda each: Phase(each, busy=False)), minutes.map(Phase)),
)
buffers = st.sampled_from([0, 0, 0, 5, 10])
needs = st.builds(Need, phases, buffers, buffers)


@st.composite
def spans(draw: st.DrawFn, most: int = 6) -> list[Interval]:
    marks = sorted(draw(st.lists(st.integers(-3, 30), unique=True, max_size=most)))
    return [span(first * 5, last * 5) for first, last in zip(marks[::2], marks[1::2], strict=False)]


rooms_of = st.sets(st.sampled_from([ROOM, CHAIR]), max_size=1).map(frozenset)
opens = st.one_of(st.just([span(-60, 400)]), st.just([span(0, 120)]), spans())
diaries_drawn = st.fixed_dictionaries(dict.fromkeys(MASTERS[:3], st.builds(Diary, opens, spans(), rooms_of)))
wishes_drawn = st.lists(
    st.builds(
        Wish,
        st.just(CUT),
        st.one_of(
            st.fixed_dictionaries(dict.fromkeys(MASTERS[:3], needs)),
            st.dictionaries(st.sampled_from(MASTERS), needs, min_size=1, max_size=4),
        ),
        st.sampled_from([(), (), ("room",), ("room", "laser")]),
        st.sampled_from([None, None, ROOM]),
        st.sampled_from([False, False, True]),
    ),
    min_size=1,
    max_size=3,
)


@st.composite
def units_drawn(draw: st.DrawFn) -> list[Unit]:
    units = []
    for unit_id, kind in ((ROOM, "room"), (CHAIR, "room"), (LASER, "laser")):
        if draw(st.integers(0, 5)):
            places = draw(st.integers(1, 2))
            busy = [(place, each) for place in range(places) for each in draw(spans(2))]
            units.append(Unit(unit_id, kind, places, draw(st.sampled_from([None, [span(-60, 200)]])), busy))
    return units


@settings(deadline=None, max_examples=400)
@given(wishes_drawn, diaries_drawn, units_drawn(), st.sampled_from([None, *MASTERS]), st.integers(0, 12))
def test_no_way_is_better(
    wishes: list[Wish], diaries: dict[UUID, Diary], units: list[Unit], favourite: UUID | None, start: int
) -> None:
    starts = at(start * 5)
    costs = {cost(way, diaries, favourite): way for way in ways(wishes, diaries, units, starts)}
    if costs:
        placed = pack(starts, wishes, diaries, units, favourite)
        assert cost(placed, diaries, favourite) == min(costs)
        check_units(placed, diaries, units)
        check_pieces(placed, diaries, units)
        return
    with pytest.raises(Conflict) as refusal:
        pack(starts, wishes, diaries, units, favourite)
    idle_ones = {master: Diary(diary.open) for master, diary in diaries.items()}
    if any(ways(wishes, diaries, None, starts)):
        assert refusal.value.code == "room_taken"
    elif any(ways(wishes, idle_ones, None, starts)):
        assert refusal.value.code == "slot_taken"
    else:
        assert refusal.value.code == "outside_shift"


def check_units(placed: Sequence[Placed], diaries: dict[UUID, Diary], units: list[Unit]) -> None:
    """Every segment has a free unit of each kind, and no two that begin together the same place."""
    known = {unit.id: unit for unit in units}
    for each in placed:
        assert [known[unit].kind for unit, _ in each.units] == list(each.wish.room_kinds)
        for (unit, place), options in zip(
            each.units, choices(each.wish, diaries[each.master_id].room_ids, units), strict=True
        ):
            assert known[unit] in options
            assert is_free(known[unit], place, each)
    for group in groups_of([each.wish for each in placed]):
        spots = [spot for place in group for spot in placed[place].units]
        assert len(spots) == len(set(spots))


def check_pieces(placed: Sequence[Placed], diaries: dict[UUID, Diary], units: list[Unit]) -> None:
    """Rows of one resource never overlap, neither each other nor what was there; the client is there throughout."""
    found = pieces(placed, VERA, whole_of(placed))
    there = [("master", master, 0, busy) for master, diary in diaries.items() for busy in joined(diary.busy)]
    there += [("room", unit.id, place, busy) for unit in units for place, busy in unit.busy]
    rows = there + [(piece.kind, piece.resource_id, piece.place, piece.during) for piece in found]
    for (kind, *where, during), (other_kind, *elsewhere, other) in pairwise(
        sorted(rows, key=lambda row: (row[0], row[1], row[2], row[3].starts))
    ):
        assert (kind, where) != (other_kind, elsewhere) or during.ends <= other.starts
    assert [piece.during for piece in found if piece.kind == "client"] == [whole_of(placed)]


# --- what it means --------------------------------------------------------------------------------------------------


def masters_of(placed: Sequence[Placed]) -> list[UUID]:
    return [each.master_id for each in placed]


def test_the_favourite_goes_first_where_she_can() -> None:
    diaries = {ANNA: a_day(), OLGA: a_day(span(300, 400))}
    assert masters_of(pack(NINE, [a_wish(ANNA, OLGA)], diaries, (), OLGA)) == [OLGA]
    assert masters_of(pack(NINE, [a_wish(ANNA), a_wish(ANNA, OLGA)], diaries, (), OLGA)) == [ANNA, OLGA]


def test_the_client_stays_with_one_person() -> None:
    diaries = {ANNA: a_day(), OLGA: a_day(span(300, 400))}
    assert masters_of(pack(NINE, [a_wish(ANNA, OLGA), a_wish(OLGA)], diaries, ())) == [OLGA, OLGA]


def test_a_hole_beside_another_visit_is_filled_first() -> None:
    diaries = {ANNA: a_day(starts=-60), OLGA: a_day(span(60, 400)), NINA: a_day()}
    assert masters_of(pack(NINE, [a_wish(ANNA, OLGA, NINA)], diaries, ())) == [OLGA]


def test_who_has_least_to_do_is_chosen_of_those_who_are_alike() -> None:
    diaries = {ANNA: a_day(span(300, 400)), OLGA: a_day(span(300, 360)), NINA: a_day(span(300, 420))}
    assert masters_of(pack(NINE, [a_wish(ANNA, OLGA, NINA)], diaries, ())) == [OLGA]


def test_the_first_visit_of_an_empty_day_goes_round() -> None:
    days = [at(0) + timedelta(days=number) for number in range(12)]
    diaries = {master: Diary([Interval(day, day + timedelta(hours=8)) for day in days]) for master in MASTERS}
    chosen = Counter(pack(day, [a_wish(minutes=30)], diaries, ())[0].master_id for day in days)
    assert set(chosen) == set(MASTERS)
    assert max(chosen.values()) - min(chosen.values()) <= 1


def test_somebody_else_is_served_while_the_colour_works() -> None:
    colour = Wish(CUT, {ANNA: need(30, -40, 20)})
    diaries = {ANNA: a_day(span(30, 70))}
    (placed,) = pack(NINE, [colour], diaries, ())
    assert [piece.during for piece in pieces([placed])] == [span(0, 30), span(70, 90)]
    with pytest.raises(Conflict, match="slot_taken"):
        pack(NINE, [colour], {ANNA: a_day(span(30, 71))}, ())


def test_what_comes_next_begins_when_the_longest_of_a_pair_ends() -> None:
    pair = [a_wish(ANNA, minutes=30), a_wish(OLGA, minutes=50, parallel=True), a_wish(ANNA)]
    placed = pack(NINE, pair, {ANNA: a_day(), OLGA: a_day()}, ())
    assert [each.starts for each in placed] == [at(0), at(0), at(50)]
    with pytest.raises(Conflict, match="outside_shift"):
        pack(NINE, [a_wish(ANNA), a_wish(ANNA, parallel=True)], {ANNA: a_day()}, ())


def test_the_smallest_free_room_is_taken_and_kept_through_the_visit() -> None:
    units = [Unit(CHAIR, "room", 3), Unit(ROOM, "room", 1, None, [(0, span(0, 10))])]
    wanted = [a_wish(ANNA, room_kinds=("room",))] * 2
    diaries = {ANNA: a_day()}
    assert [each.units for each in pack(at(10), wanted, diaries, units)] == [((ROOM, 0),)] * 2
    assert [each.units for each in pack(NINE, wanted, diaries, units)] == [((CHAIR, 0),), ((ROOM, 0),)]
    with pytest.raises(Conflict, match="room_taken"):
        pack(NINE, wanted, diaries, units[1:])


@pytest.mark.parametrize(("segments", "at_once"), [(10, 1), (6, 2), (3, 3)])
def test_the_search_stays_bounded(segments: int, at_once: int) -> None:
    """Fifty masters who can do everything, each with a time and a load of their own."""
    crowd = [UUID(int=number) for number in range(1, 51)]
    diaries = {master: a_day(span(900, 900 + 7 * place)) for place, master in enumerate(crowd, 1)}
    wishes = [
        Wish(
            CUT, {master: need(30 + 5 * (place % 3)) for place, master in enumerate(crowd)}, parallel=each % at_once > 0
        )
        for each in range(segments)
    ]
    began = thread_time()
    assert len(pack(NINE, wishes, diaries, ())) == segments
    assert thread_time() - began < 3
