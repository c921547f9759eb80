"""What a visit wants, who and what could serve it, and where it was placed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from uuid import UUID

from kernel.time import Interval

MINUTE = timedelta(minutes=1)
MOST_AT_ONCE = 3  # segments that begin together: more hands have no room around one client


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

    @property
    def whole(self) -> int:
        """Minutes of work with the buffers around it."""
        return self.before + self.duration + self.after

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
        return tuple(
            Interval(starts + timedelta(minutes=first), starts + timedelta(minutes=last)) for first, last in self.pieces
        )

    @property
    def pieces(self) -> tuple[tuple[int, int], ...]:
        """As `busy`, in minutes after the start."""
        return _pieces(self.phases, self.before, self.after)


@lru_cache(maxsize=4_096)
def _pieces(phases: tuple[Phase, ...], before: int, after: int) -> tuple[tuple[int, int], ...]:
    pieces: list[tuple[int, int]] = []
    minute = -before
    for minutes, busy in ((before, True), *((each.minutes, each.busy) for each in phases), (after, True)):
        if busy and minutes:
            if pieces and pieces[-1][1] == minute:
                pieces[-1] = (pieces[-1][0], minute + minutes)
            else:
                pieces.append((minute, minute + minutes))
        minute += minutes
    return tuple(pieces)


def stretched(phases: Sequence[Phase], duration: int) -> tuple[Phase, ...]:
    """`phases` by somebody who takes `duration` for them.

    Waiting takes as long as it takes, so the busy phases share the difference; where no minute would be left for each
    of them, it is one busy phase.
    """
    work = [phase.minutes for phase in phases if phase.busy]
    left = duration - sum(phase.minutes for phase in phases if not phase.busy)
    if work and left == sum(work):
        return tuple(phases)
    if not work or left < len(work):
        return (Phase(duration),)
    marks = [0]  # where each share ends: in proportion, but with a minute at least for each
    for place in range(1, len(work) + 1):
        marks.append(min(max(left * sum(work[:place]) // sum(work), marks[-1] + 1), left - len(work) + place))
    shares = iter(later - earlier for earlier, later in pairwise(marks))
    return tuple(Phase(next(shares)) if phase.busy else phase for phase in phases)


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
    With `room_ids` they work in those only, where there are any of the kind that is wanted.
    """

    open: Sequence[Interval]
    busy: Sequence[Interval] = ()
    room_ids: frozenset[UUID] = frozenset()

    @property
    def load(self) -> int:
        """Minutes in which they are taken."""
        return sum((busy.ends - busy.starts) // MINUTE for busy in self.busy)


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


def groups_of(wishes: Sequence[Wish]) -> list[tuple[int, ...]]:
    """The places of the wishes that begin together, group by group in order of time."""
    groups: list[list[int]] = []
    for place, wish in enumerate(wishes):
        if wish.parallel and groups:
            groups[-1].append(place)
        else:
            groups.append([place])
    return [tuple(group) for group in groups]
