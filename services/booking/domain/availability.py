"""Free starts of a whole visit: a window of time is one integer per master, a bit a minute; shifting finds them all."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from itertools import compress
from operator import itemgetter
from uuid import UUID
from zoneinfo import ZoneInfo

from kernel.time import Interval, days_of
from services.booking.domain.together import Together
from services.booking.domain.units import Shelf, UnitTime
from services.booking.domain.window import MINUTE, Window, bits, ones, runs
from services.booking.domain.wish import Wish, groups_of
from services.booking.domain.workday import Workday, fits

Group = tuple[int, ...]  # the places of the wishes that begin together


def free_starts(
    wishes: Sequence[Wish],
    masters: Mapping[UUID, Workday],
    units: Sequence[UnitTime],
    window: Window,
    after: datetime,
    taken: Iterable[Interval] = (),
) -> dict[datetime, tuple[UUID, ...]]:
    """When a visit of `wishes` can begin after `after`, in order, and with whom; exactly where `pack` would place it.

    The masters named at a start can render the whole visit alone; where nobody can, those who can begin it and leave
    the rest to others. Starts lie on the grid of the shift of who begins. `taken` is when the client cannot come.
    """
    return _Search(wishes, masters, units, window, taken).starts(after)


def by_day(
    starts: Mapping[datetime, tuple[UUID, ...]], first: date, last: date, tz: ZoneInfo
) -> dict[date, list[tuple[datetime, tuple[UUID, ...]]]]:
    """The starts of every day from `first` to `last`, with the wall clock of `tz`; in the fold of autumn none twice."""
    days: dict[date, list[tuple[datetime, tuple[UUID, ...]]]] = {day: [] for day in days_of(first, last)}
    for start, masters in starts.items():
        local = start.astimezone(tz)
        if local.date() in days and not local.fold:
            days[local.date()].append((local, masters))
    return days


def nearest(starts: Iterable[datetime], wanted: datetime, count: int) -> list[datetime]:
    """The `count` of `starts` that lie nearest to `wanted`, in order of time."""
    return sorted(sorted(starts, key=lambda start: (abs(start - wanted), start))[:count])


class _Search:
    """Free starts of every group of wishes that begin together, worked out from the last group to the first.

    One wish alone, with a unit of each of its kinds, is exact by bits: a master is free, there is a unit of each kind,
    and the rest fits where the master would end. For wishes that begin together the bits only say where it cannot be
    (each alone fits); what is left over is looked at start by start.
    """

    def __init__(
        self,
        wishes: Sequence[Wish],
        masters: Mapping[UUID, Workday],
        units: Sequence[UnitTime],
        window: Window,
        taken: Iterable[Interval],
    ) -> None:
        self.wishes, self.masters, self.window = wishes, masters, window
        self.groups = groups_of(wishes)
        self.shelf = Shelf(units, window)
        absent = window.mask(taken, outwards=True)
        self.client = ~absent & window.all if absent else None
        self._present: dict[int, int] = {}
        self._runs: dict[tuple[int, int], int] = {}
        self.able = [self._able(wish) for wish in wishes]
        # self.from_[n] is where the groups from n on may begin; after the last one anything may follow
        self.from_ = [window.all] * len(self.groups) + [(1 << (window.minutes + 1)) - 1]
        for number in reversed(range(len(self.groups))):
            self.from_[number] = self._begins(number)

    def starts(self, after: datetime) -> dict[datetime, tuple[UUID, ...]]:
        late = self.window.all & ~ones(0, max(0, (after - self.window.starts) // MINUTE + 1))
        whole = self.from_[0] & late
        alone = self._alone()
        begin = {master: self._begun_by(master) & whole for master in sorted(self.able[0])}
        everything = {master: mask & alone.get(master, 0) for master, mask in begin.items()}
        found = by_start(everything)
        if everything != begin:
            found = by_start(begin) | found
        at = self.window.at
        return {at(minute): found[minute] for minute in sorted(found)}

    # --- one wish ---------------------------------------------------------------------------------------------------

    def _able(self, wish: Wish) -> dict[UUID, int]:
        """Where each master can begin to render the wish, with rooms as if nobody else took one at the same time."""
        able = {}
        for master, need in wish.needs.items():
            day = self.masters.get(master)
            if day is None or not day.open:
                continue
            mask = fits(day, need)
            if wish.room_kinds and mask:
                mask &= self.shelf.free(wish, day.room_ids, need.before, need.duration + need.after)
            if self.client is not None and mask:
                mask &= self._client_for(need.duration)
            if mask:
                able[master] = mask
        return able

    def _client_for(self, minutes: int) -> int:
        """Where the client can stay for `minutes`."""
        if self.client is None:
            return self.window.all
        if minutes not in self._present:
            self._present[minutes] = runs(self.client, minutes)
        return self._present[minutes]

    # --- groups -----------------------------------------------------------------------------------------------------

    def _is_exact(self, group: Group) -> bool:
        """Whether the bits say all there is to say of the group."""
        kinds = self.wishes[group[0]].room_kinds
        return len(group) == 1 and len(set(kinds)) == len(kinds)

    @cached_property
    def _exact_from(self) -> list[bool]:
        """Whether from each group on everything is exact."""
        exact = [self._is_exact(group) for group in self.groups]
        return [all(exact[number:]) for number in range(len(exact) + 1)]

    def _begins(self, number: int) -> int:
        """Where the visit may go on with this group: exact if all from here on are, else at least everywhere it can."""
        group = self.groups[number]
        found = 0
        for minutes in sorted({self._duration(place, master) for place in group for master in self.able[place]}):
            mask = self._client_for(minutes) & (self.from_[number + 1] >> minutes)
            for place in group:
                if not mask:
                    break
                mask &= self._within(place, minutes, exactly=len(group) == 1)
            found |= mask
        return found

    def _within(self, place: int, minutes: int, *, exactly: bool) -> int:
        """Where somebody can render the wish in at most (or exactly) so many minutes."""
        mask = 0
        for master, starts in self.able[place].items():
            duration = self._duration(place, master)
            if duration == minutes or (duration < minutes and not exactly):
                mask |= starts
        return mask

    def _duration(self, place: int, master: UUID) -> int:
        return self.wishes[place].needs[master].duration

    def _alone(self) -> dict[UUID, int]:
        """Where each master could render all of the visit, if nothing of it is at once."""
        if any(len(group) > 1 for group in self.groups):
            return {}
        everybody = set.intersection(*(set(able) for able in self.able))
        if not self._exact_from[0]:
            begins = {master: self.able[0][master] & self.masters[master].grid & self.from_[0] for master in everybody}
            return {master: self._together.alone(master, mask) for master, mask in begins.items()}
        alone = dict.fromkeys(everybody, -1)
        for place in reversed(range(len(self.wishes))):
            for master, rest in alone.items():
                alone[master] = self.able[place][master] & (rest >> self._duration(place, master))
        return alone

    def _begun_by(self, master: UUID) -> int:
        """Where the master can begin a visit that others may go on with, on the grid of their own shifts."""
        mask = self.able[0][master] & self.masters[master].grid
        if len(self.groups[0]) == 1:
            mask &= self.from_[1] >> self._duration(0, master)
        return mask if self._exact_from[0] else self._together.begun_by(master, mask & self.from_[0])

    @cached_property
    def _together(self) -> Together:
        return Together(
            self.wishes, self.groups, self.masters, self.able, self.shelf, self.from_, self._exact_from, self.client
        )


_FLAGS = bytes.maketrans(b"01", b"\0\1")


def by_start(masks: Mapping[UUID, int]) -> dict[int, tuple[UUID, ...]]:
    """For each minute that any of `masks` has those who have it, in their order.

    The written numbers are read column by column: fifty masters and a month are tens of thousands of pairs, and to
    look for each alone takes longer than all the shifting before it.
    """
    some = {master: mask for master, mask in masks.items() if mask}
    union = 0
    for mask in some.values():
        union |= mask
    minutes = list(bits(union))
    if len(some) <= 1 or len(minutes) <= 1:
        return {minute: tuple(master for master, mask in some.items() if mask >> minute & 1) for minute in minutes}
    digits = union.bit_length()
    pick = itemgetter(*(digits - 1 - minute for minute in minutes))
    columns = zip(*(pick(f"{mask:0{digits}b}".encode().translate(_FLAGS)) for mask in some.values()), strict=True)
    masters = tuple(some)
    return {minute: tuple(compress(masters, flags)) for minute, flags in zip(minutes, columns, strict=True)}
