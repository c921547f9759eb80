"""Packing: which masters, rooms and units serve a visit that begins at a given time, the best of all ways."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations, permutations, product
from uuid import UUID

from kernel.errors import Conflict
from kernel.time import Interval
from services.booking.domain.diary import outside_shift, slot_taken
from services.booking.domain.hours import joined
from services.booking.domain.units import Shelf, in_window
from services.booking.domain.window import Window, ones
from services.booking.domain.wish import Diary, Need, Piece, Placed, Unit, Wish, groups_of

MOST_WAYS = 20_000  # of serving segments that begin together are looked at, unless none of them will do

# A cost is one number: what counts more stands higher, and no part ever grows into the next.
LOAD, GAP, CHANGE, STRANGER = 1, 1 << 32, 1 << 40, 1 << 48

Before = tuple[tuple[UUID, int, int], ...]  # of the group before: master, where their time ends, its gap's cost
Way = tuple[int, tuple[int, ...], tuple[UUID, ...], int]  # cost to the end, ranks to the end, masters, where it ends


def pack(
    starts: datetime,
    wishes: Sequence[Wish],
    diaries: Mapping[UUID, Diary],
    units: Sequence[Unit],
    favourite: UUID | None = None,
) -> tuple[Placed, ...]:
    """Place a visit that begins at `starts`, a whole minute; refused with `outside_shift`, `slot_taken`, `room_taken`.

    Segments follow each other; parallel ones begin together, by different masters, and what follows begins when the
    longest of them ends. Of all ways the best, by the first of these in which two differ:

    1. fewest segments without the `favourite` that the favourite renders,
    2. fewest changes: segments by somebody who had no part in the group before,
    3. fewest gaps: sides of a segment (with its buffers) beside which the master is at work and free, unless the
       same master's part in the group next to it begins right there,
    4. who has least to do: the minutes booked in the diaries of the chosen, summed over the segments,
    5. whose turn it is (`turns`), in the order of the segments.
    """
    found = _Search(starts, wishes, diaries, units, favourite).best()
    if found is not None:
        return found
    if any(wish.room_kinds for wish in wishes) and _Search(starts, wishes, diaries, None, favourite).best() is not None:
        raise room_taken()
    idle = {master: Diary(diary.open) for master, diary in diaries.items()}
    if _Search(starts, wishes, idle, None, favourite).best() is not None:
        raise slot_taken()
    raise outside_shift()


def pieces(placed: Sequence[Placed], client_id: UUID | None = None, whole: Interval | None = None) -> list[Piece]:
    """What a visit keeps busy, the client included; times of one resource that meet are one piece.

    So a visit never meets itself in the diary, whose rows may not overlap.
    """
    times: dict[tuple[str, UUID, int], list[Interval]] = {}
    for each in placed:
        times.setdefault(("master", each.master_id, 0), []).extend(each.need.busy(each.starts))
        for unit_id, place in each.units:
            times.setdefault(("room", unit_id, place), []).append(each.need.keeps(each.starts))
    if client_id and placed:
        times["client", client_id, 0] = [whole or whole_of(placed)]
    return [
        Piece(kind, resource, during, place)
        for (kind, resource, place), busy in times.items()
        for during in joined(busy)
    ]


def whole_of(placed: Sequence[Placed]) -> Interval:
    """From the client's first minute to the last."""
    return Interval(min(each.starts for each in placed), max(each.work.ends for each in placed))


class _Search:
    """One look for the best way, by dynamic programming over the groups of segments that begin together.

    What a choice costs depends on the group before only by the masters that both share. So for every group and start
    the ways are worked out once, as if nobody was shared, and the best of them is kept for each set of masters that
    might be (`_table`); what sharing saves is subtracted when the group before is known (`_follow`). That is exact,
    and takes as many steps as a group has ways, not the product over the groups.
    """

    def __init__(
        self,
        starts: datetime,
        wishes: Sequence[Wish],
        diaries: Mapping[UUID, Diary],
        units: Sequence[Unit] | None,
        favourite: UUID | None,
    ) -> None:
        needs = [need for wish in wishes for need in wish.needs.values()]
        before = max((need.before for need in needs), default=0) + 1
        length = sum(max((need.duration for need in wish.needs.values()), default=0) for wish in wishes)
        after = max((need.after for need in needs), default=0) + 1
        window = Window(starts - timedelta(minutes=before), starts + timedelta(minutes=length + after))
        able = sorted({master for wish in wishes for master in wish.needs} & diaries.keys())
        self.starts, self.first, self.wishes, self.favourite = starts, before, wishes, favourite
        self.groups = groups_of(wishes)
        self.rank = turns(able, starts)
        self.open = {master: window.mask(joined(diaries[master].open), outwards=False) for master in able}
        self.busy = {master: window.mask(diaries[master].busy, outwards=True) for master in able}
        self.load = {master: diaries[master].load * LOAD for master in able}
        self.rooms = {master: diaries[master].room_ids for master in able}
        self.shelf = None if units is None else Shelf([in_window(unit, window) for unit in units], window)
        self._tables: dict[tuple[int, int], dict[tuple[tuple[int, UUID], ...], Way]] = {}

    def best(self) -> tuple[Placed, ...] | None:
        """The whole visit, or None if there is no way."""
        placed: list[Placed] = []
        minute = self.first
        before: Before = ()
        for number, group in enumerate(self.groups):
            way = self._follow(number, minute, before)
            if way is None:
                return None
            masters = way[2]
            rooms = self._rooms(group, masters, minute) or ()
            at = self.starts + timedelta(minutes=minute - self.first)
            placed += [
                Placed(self.wishes[place], master, at, taken)
                for place, master, taken in zip(group, masters, rooms, strict=True)
            ]
            minute, before = way[3], self._left_behind(group, masters, minute)
        return tuple(placed)

    def _follow(self, number: int, minute: int, before: Before) -> Way | None:
        """The best way from this group on, after `before`."""
        table = self._table(number, minute)
        best = table.get(())
        if best is None:
            return None
        group = self.groups[number]
        for count in range(1, min(len(group), len(before)) + 1):
            for seats in combinations(range(len(group)), count):
                for shared in permutations(before, count):
                    way = table.get(tuple((seat, each[0]) for seat, each in zip(seats, shared, strict=True)))
                    if way is not None:
                        saved = sum(
                            self._saved(group[seat], each, minute) for seat, each in zip(seats, shared, strict=True)
                        )
                        best = min(best, (way[0] - saved, *way[1:]))
        return best

    def _saved(self, place: int, shared: tuple[UUID, int, int], minute: int) -> int:
        """What it saves that the master goes on: the change, and both gaps if their times meet."""
        master, ended, gap = shared
        need = self.wishes[place].needs[master]
        begins = minute - need.before
        return CHANGE + (gap + self._gap(master, begins - 1) if ended >= begins else 0)

    def _table(self, number: int, minute: int) -> dict[tuple[tuple[int, UUID], ...], Way]:
        """The best way for each set of seats (places in the group) that are given to certain masters."""
        if (number, minute) in self._tables:
            return self._tables[number, minute]
        seats = [self._candidates(place, number, minute) for place in self.groups[number]]
        table = self._filled(number, minute, narrowed(seats))
        if not table:
            table = self._filled(number, minute, seats)
        self._tables[number, minute] = table
        return table

    def _filled(
        self, number: int, minute: int, seats: Sequence[Sequence[tuple[int, UUID]]]
    ) -> dict[tuple[tuple[int, UUID], ...], Way]:
        table: dict[tuple[tuple[int, UUID], ...], Way] = {}
        for way in self._ways(number, minute, seats):
            taken = tuple(enumerate(way[2]))
            for count in range(len(taken) + 1):
                for key in combinations(taken, count):
                    if key not in table or way < table[key]:
                        table[key] = way
        return table

    def _ways(self, number: int, minute: int, seats: Sequence[Sequence[tuple[int, UUID]]]) -> Iterator[Way]:
        """Every way of serving the group that can be gone on from, with the best that follows it."""
        group, last = self.groups[number], number == len(self.groups) - 1
        for chosen in product(*seats):
            masters = tuple(master for _, master in chosen)
            if len(set(masters)) < len(masters) or self._rooms(group, masters, minute) is None:
                continue
            cost = sum(each for each, _ in chosen)
            ranks = tuple(self.rank[master] for master in masters)
            ends = minute + max(
                self.wishes[place].needs[master].duration for place, master in zip(group, masters, strict=True)
            )
            if last:
                yield cost, ranks, masters, ends
                continue
            rest = self._follow(number + 1, ends, self._left_behind(group, masters, minute))
            if rest is not None:
                yield cost + rest[0], ranks + rest[1], masters, ends

    def _left_behind(self, group: Sequence[int], masters: Sequence[UUID], minute: int) -> Before:
        ends = [
            minute + need.duration + need.after
            for place, master in zip(group, masters, strict=True)
            for need in (self.wishes[place].needs[master],)
        ]
        return tuple((master, end, self._gap(master, end)) for master, end in zip(masters, ends, strict=True))

    def _candidates(self, place: int, number: int, minute: int) -> list[tuple[int, UUID]]:
        """Who can render this segment then, each with what it costs if nobody is shared with the group before."""
        wish, found = self.wishes[place], []
        wanted = self.favourite if self.favourite in wish.needs else None
        for master, need in wish.needs.items():
            if master in self.rank and self._fits(master, need, minute):
                cost = self.load[master] + (CHANGE if number else 0) + (STRANGER if wanted not in (None, master) else 0)
                cost += self._gap(master, minute - need.before - 1)
                cost += self._gap(master, minute + need.duration + need.after)
                found.append((cost, master))
        return found

    def _fits(self, master: UUID, need: Need, minute: int) -> bool:
        keeps = ones(minute - need.before, minute + need.duration + need.after)
        return keeps & ~self.open[master] == 0 and not any(
            self.busy[master] & ones(minute + first, minute + last) for first, last in need.pieces
        )

    def _gap(self, master: UUID, minute: int) -> int:
        """What it costs to leave off beside `minute`: something if the master is at work then and free."""
        return GAP if (self.open[master] & ~self.busy[master]) >> minute & 1 else 0

    def _rooms(
        self, group: Sequence[int], masters: Sequence[UUID], minute: int
    ) -> tuple[tuple[tuple[UUID, int], ...], ...] | None:
        """The units that each segment of the group takes; None if they do not suffice."""
        if self.shelf is None:
            return ((),) * len(group)
        return self.shelf.take(
            tuple(
                (wish, self.rooms[master], minute - need.before, minute + need.duration + need.after)
                for place, master in zip(group, masters, strict=True)
                for wish in (self.wishes[place],)
                for need in (wish.needs[master],)
            )
        )


def turns(masters: Sequence[UUID], starts: datetime) -> dict[UUID, int]:
    """Who goes first of those who are alike: everybody in turn, another one each day (UTC).

    By ids alone the same master would get the first visit of every day.
    """
    day = starts.astimezone(UTC).toordinal()
    return {master: (place + day) % len(masters) for place, master in enumerate(sorted(masters))}


def narrowed(seats: Sequence[Sequence[tuple[int, UUID]]]) -> Sequence[Sequence[tuple[int, UUID]]]:
    """The cheapest for each seat, where all ways together were too many."""
    ways = 1
    for seat in seats:
        ways *= len(seat)
    if ways <= MOST_WAYS:
        return seats
    most = int(MOST_WAYS ** (1 / len(seats)))
    return [sorted(seat)[:most] for seat in seats]


def room_taken() -> Conflict:
    return Conflict("room_taken", "no room or equipment of the kind is free at this time")
