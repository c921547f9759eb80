"""The diary: when each segment of a visit lies, whom it keeps busy, and who renders it if anybody may."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from kernel.errors import Conflict, Invalid
from kernel.time import Interval
from services.booking.domain.availability import Need


@dataclass(frozen=True, slots=True)
class Wish:
    """A segment as it is wanted: what, how long, for how much (minor units), and by whom; None is anybody who can."""

    service_id: UUID
    need: Need
    price: int
    master_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A wish with its time: `work` is what the client sees, `busy` what the master's diary keeps free."""

    wish: Wish
    work: Interval
    busy: Interval


@dataclass(frozen=True, slots=True)
class Diary:
    """A master on the days of the visit: what they render, when they work and when they are busy."""

    service_ids: Collection[UUID]
    shifts: Sequence[Interval]
    busy: Sequence[Interval] = ()

    def works(self, interval: Interval) -> bool:
        """Whether `interval` lies inside the shifts; shifts that touch are one."""
        reached = interval.starts
        for shift in sorted(self.shifts, key=lambda shift: shift.starts):
            if shift.starts <= reached < shift.ends:
                reached = shift.ends
        return reached >= interval.ends

    def is_free(self, interval: Interval) -> bool:
        return not any(busy.overlaps(interval) for busy in self.busy)

    @property
    def load(self) -> timedelta:
        return sum((busy.ends - busy.starts for busy in self.busy), timedelta())


YEARS = range(1900, 2200)  # far from the ends of the calendar, where adding a day or an offset overflows


def check_instant(field: str, instant: datetime) -> None:
    """An instant says its offset, and lies where one can count."""
    if instant.tzinfo is None:
        raise Invalid.field(field, "offset_missing", "a time needs its offset from UTC")
    if instant.year not in YEARS:
        raise Invalid.field(field, "time_out_of_range", "this is too long ago or too far ahead")


def check_start(starts: datetime, now: datetime) -> None:
    """An appointment starts ahead, on a whole minute."""
    check_instant("starts", starts)
    if starts.second or starts.microsecond:
        raise Invalid.field("starts", "start_not_whole_minute", "an appointment starts on a whole minute")
    if starts <= now:
        raise Invalid.field("starts", "slot_in_past", "an appointment must start in the future")


def lay_out(starts: datetime, wishes: Sequence[Wish]) -> list[Place]:
    """The wishes one after another from `starts` on.

    Buffers keep others away from the master, not the client waiting: they lie beside the next segment, not before it.
    """
    places = []
    for wish in wishes:
        work = Interval(starts, starts + timedelta(minutes=wish.need.duration))
        before, after = timedelta(minutes=wish.need.before), timedelta(minutes=wish.need.after)
        places.append(Place(wish, work, work.widened(before, after)))
        starts = work.ends
    return places


def candidates(place: Place, diaries: Mapping[UUID, Diary]) -> list[UUID]:
    """Who renders what is wanted and works then, busy or not."""
    wanted = place.wish.master_id
    asked = [wanted] if wanted else sorted(diaries)
    return [
        master
        for master in asked
        if master in diaries
        and (wanted or place.wish.service_id in diaries[master].service_ids)
        and diaries[master].works(place.busy)
    ]


def choose(places: Sequence[Place], diaries: Mapping[UUID, Diary]) -> list[UUID]:
    """A master for every place.

    Among those who are free goes first who can take most of the visit, so that the client stays with one person, then
    who has the least to do. Nobody at work: `outside_shift`; all of them busy: `slot_taken`.
    """
    able = [candidates(place, diaries) for place in places]
    if not all(able):
        raise outside_shift()
    free = [
        [master for master in masters if diaries[master].is_free(place.busy)]
        for place, masters in zip(places, able, strict=True)
    ]
    if not all(free):
        raise slot_taken()
    takes = Counter(master for masters in free for master in masters)
    return [min(masters, key=lambda master: (-takes[master], diaries[master].load, master)) for masters in free]


def merged(places: Sequence[Place], masters: Sequence[UUID]) -> list[tuple[UUID, Interval]]:
    """Who is busy when: segments of one master whose time meets are one piece, so that a visit never meets itself."""
    pieces: list[tuple[UUID, Interval]] = []
    for master in dict.fromkeys(masters):
        own = sorted((place.busy for place, by in zip(places, masters, strict=True) if by == master), key=_start)
        joined = [own[0]]
        for busy in own[1:]:
            if busy.starts <= joined[-1].ends:
                joined[-1] = replace(joined[-1], ends=max(joined[-1].ends, busy.ends))
            else:
                joined.append(busy)
        pieces += [(master, busy) for busy in joined]
    return pieces


def _start(interval: Interval) -> datetime:
    return interval.starts


# --- limits ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Limits:
    """How far ahead somebody may book at all, and how late a client may book, move or cancel."""

    horizon: timedelta
    lead: timedelta
    cut_off: timedelta


def strictest(limits: Sequence[Limits]) -> Limits:
    """What holds for a visit of several services."""
    return Limits(
        min(each.horizon for each in limits), max(each.lead for each in limits), max(each.cut_off for each in limits)
    )


def check_horizon(starts: datetime, limits: Limits, now: datetime, tz: ZoneInfo) -> None:
    """Nobody books beyond the last date of the horizon."""
    if starts.astimezone(tz).date() > (now + limits.horizon).astimezone(tz).date():
        raise Invalid.field("starts", "outside_horizon", "this is further ahead than can be booked")


def check_lead(starts: datetime, limits: Limits, now: datetime) -> None:
    """Clients book some time ahead."""
    if starts < now + limits.lead:
        raise Invalid.field("starts", "too_soon", "this is too soon to be booked")


def check_cut_off(starts: datetime, limits: Limits, now: datetime) -> None:
    """Clients move and cancel some time ahead."""
    until = starts - limits.cut_off
    if now > until:
        raise Conflict("too_late_to_change", "it is too late to change this", can_change_until=until)


# --- refusals -------------------------------------------------------------------------------------------------------


def slot_taken(**details: object) -> Conflict:
    return Conflict("slot_taken", "somebody else has this time", **details)


def room_taken() -> Conflict:
    return Conflict("slot_taken", "no room or unit that this needs is free at this time")


def client_busy() -> Conflict:
    return Conflict("client_busy", "the client has another appointment at this time")


def outside_shift() -> Conflict:
    return Conflict("outside_shift", "nobody who can do this works at this time")
