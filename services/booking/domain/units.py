"""Rooms and units of equipment: which of them a group of segments takes, none twice at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from services.booking.domain.hours import joined
from services.booking.domain.window import Window, ones, runs
from services.booking.domain.wish import Unit, Wish

Ask = tuple[Wish, frozenset[UUID], int, int]  # what is wanted, the master's rooms, from which minute to which
Spot = tuple[UUID, int]  # a unit and a place in it


@dataclass(frozen=True, slots=True)
class UnitTime:
    """A unit in a window: the minutes in which each of its places is free, as bits."""

    id: UUID
    kind: str
    free: Sequence[int]

    @property
    def places(self) -> int:
        return len(self.free)


AnyUnit = TypeVar("AnyUnit", Unit, UnitTime)


def choices(wish: Wish, room_ids: frozenset[UUID], units: Sequence[AnyUnit]) -> list[list[AnyUnit]]:
    """For each unit that `wish` takes those that may be it, the smallest first.

    A master who has rooms of a kind works in those; the room that is asked for is the first unit of its kind.
    """
    asked = next((unit for unit in units if unit.id == wish.room_id), None)
    found = []
    for kind in wish.room_kinds:
        of_kind = [unit for unit in units if unit.kind == kind]
        own = [unit for unit in of_kind if unit.id in room_ids] or of_kind
        if asked is not None and asked.kind == kind:
            own, asked = [unit for unit in own if unit is asked], None
        found.append(sorted(own, key=lambda unit: (unit.places, unit.id)))
    return found


class Shelf:
    """The units of a branch in a window."""

    def __init__(self, units: Sequence[UnitTime], window: Window) -> None:
        self._units, self._window = units, window
        self._found: dict[object, int] = {}
        self._taken: dict[tuple[tuple[int, frozenset[UUID], int, int], ...], tuple[tuple[Spot, ...], ...] | None] = {}

    def take(self, asks: Sequence[Ask]) -> tuple[tuple[Spot, ...], ...] | None:
        """A place for every unit of every segment, smallest units first; None if they do not suffice."""
        if not any(wish.room_kinds for wish, *_ in asks):
            return ((),) * len(asks)
        key = tuple((id(wish), room_ids, first, last) for wish, room_ids, first, last in asks)
        if key not in self._taken:
            self._taken[key] = self._look(asks)
        return self._taken[key]

    def free(self, wish: Wish, room_ids: frozenset[UUID], before: int, after: int) -> int:
        """The minutes at which there is a unit of each kind from `before` minutes before to `after` minutes later."""
        key = (wish.room_kinds, wish.room_id, room_ids, before, after)
        if key not in self._found:
            mask = self._window.all
            for units in choices(wish, room_ids, self._units):
                there = 0
                for free in {free for unit in units for free in unit.free}:
                    there |= runs(free, before + after)
                mask &= there << before
            self._found[key] = mask
        return self._found[key]

    def _look(self, asks: Sequence[Ask]) -> tuple[tuple[Spot, ...], ...] | None:
        wanted = [
            (place, list(self._spots(units, ones(first, last), len(asks))))
            for place, (wish, room_ids, first, last) in enumerate(asks)
            for units in choices(wish, room_ids, self._units)
        ]
        spots = assigned([spots for _, spots in wanted], set())
        if spots is None:
            return None
        by = [place for place, _ in wanted]
        return tuple(
            tuple(spot for owner, spot in zip(by, spots, strict=True) if owner == place) for place in range(len(asks))
        )

    def _spots(self, units: Sequence[UnitTime], keeps: int, most: int) -> Iterator[Spot]:
        """Free places for as long as `keeps`; of one unit no more than could be wanted at once."""
        for unit in units:
            left = most * 3
            for place, free in enumerate(unit.free):
                if left and keeps & ~free == 0:
                    left -= 1
                    yield unit.id, place


def in_window(unit: Unit, window: Window) -> UnitTime:
    """The minutes of `window` in which the places of the unit are free."""
    there = window.all if unit.open is None else window.mask(joined(unit.open), outwards=False)
    free = [there] * unit.places
    for place, during in unit.busy:
        if place < unit.places:
            free[place] &= ~window.mask([during], outwards=True)
    return UnitTime(unit.id, unit.kind, free)


def assigned(wanted: Sequence[Sequence[Spot]], taken: set[Spot]) -> list[Spot] | None:
    """One spot for each, none twice: the first that works in the order of the lists."""
    if not wanted:
        return []
    if not all(wanted):
        return None
    for spot in wanted[0]:
        if spot not in taken:
            rest = assigned(wanted[1:], taken | {spot})
            if rest is not None:
                return [spot, *rest]
    return None
