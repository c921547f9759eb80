"""What a visit wants, who and what could serve it, and where it was placed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kernel.time import Interval


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of a service, in minutes; while it waits (`busy` false) the master may take somebody else."""

    minutes: int
    busy: bool = True


@dataclass(frozen=True, slots=True)
class Need:
    """What a service takes when a certain master renders it: phases, minutes around them, the price in minor units."""

    phases: tuple[Phase, ...]
    before: int = 0
    after: int = 0
    price: int = 0

    @property
    def duration(self) -> int:
        """Minutes of work, as the client sees them."""
        return sum(phase.minutes for phase in self.phases)

    def work(self, starts: datetime) -> Interval:
        """When the client is served."""
        return Interval(starts, starts + timedelta(minutes=self.duration))

    def keeps(self, starts: datetime) -> Interval:
        """When the master must be at work and the room is taken: the work with its buffers."""
        return self.work(starts).widened(timedelta(minutes=self.before), timedelta(minutes=self.after))

    def busy(self, starts: datetime) -> tuple[Interval, ...]:
        """When the master takes nobody else: the busy phases, the first and the last with their buffers.

        A buffer beside a waiting phase is a piece of its own.
        """
        pieces: list[tuple[int, int]] = []
        minute = -self.before
        for minutes, busy in (
            (self.before, True),
            *((each.minutes, each.busy) for each in self.phases),
            (self.after, True),
        ):
            if busy and minutes:
                if pieces and pieces[-1][1] == minute:
                    pieces[-1] = (pieces[-1][0], minute + minutes)
                else:
                    pieces.append((minute, minute + minutes))
            minute += minutes
        return tuple(
            Interval(starts + timedelta(minutes=first), starts + timedelta(minutes=last)) for first, last in pieces
        )


@dataclass(frozen=True, slots=True)
class Wish:
    """A segment as it is wanted: `needs` says who may render it and on which terms, one master if one is asked for.

    It takes a unit of each of `room_kinds`, `room_id` being one of them if it is given. `parallel` begins together with
    the wish before it. `cost` is the salon's own, in minor units.
    """

    service_id: UUID
    needs: Mapping[UUID, Need]
    room_kinds: tuple[str, ...] = ()
    room_id: UUID | None = None
    parallel: bool = False
    service_version: int | None = None
    cost: int | None = None


@dataclass(frozen=True, slots=True)
class Diary:
    """A master around the visit: `open` is when they work in the branch, `busy` when they are taken.

    `open` are the shifts within the branch's hours, without absences, holidays and days after a permit has run out.
    With `room_ids` they work in those rooms only.
    """

    open: Sequence[Interval]
    busy: Sequence[Interval] = ()
    room_ids: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Unit:
    """A room or a piece of equipment: `busy` is which of its `places` is taken when; `open` None is always."""

    id: UUID
    kind: str
    places: int = 1
    open: Sequence[Interval] | None = None
    busy: Sequence[tuple[int, Interval]] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """A wish with its master, its time, and the units (and which place in each) that it takes."""

    wish: Wish
    master_id: UUID
    starts: datetime
    units: tuple[tuple[UUID, int], ...] = ()

    @property
    def need(self) -> Need:
        return self.wish.needs[self.master_id]

    @property
    def work(self) -> Interval:
        return self.need.work(self.starts)


@dataclass(frozen=True, slots=True)
class Piece:
    """A row of the diary: this resource is busy then, in this place of it."""

    kind: str  # master, room or client
    resource_id: UUID
    during: Interval
    place: int = 0
