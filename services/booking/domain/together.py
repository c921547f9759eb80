"""What bits cannot tell of free starts: wishes that begin together, or take two units of a kind, start by start."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import product
from uuid import UUID

from services.booking.domain.units import Shelf
from services.booking.domain.window import bits, ones
from services.booking.domain.wish import Wish
from services.booking.domain.workday import Workday

Seat = dict[int, list[UUID]]  # who can take it; those who are alike are one entry


class Together:
    """Whether groups of wishes really fit at a minute at which each wish of them does.

    `able` is where each master can render each wish, `begins` where each group may begin at most, and `exact` from
    which group on that is all there is to say. A month has thousands of starts and fifty masters can begin at each: so
    bits are read out of bytes, and masters who are alike are looked at once.
    """

    def __init__(
        self,
        wishes: Sequence[Wish],
        groups: Sequence[tuple[int, ...]],
        masters: Mapping[UUID, Workday],
        able: Sequence[Mapping[UUID, int]],
        shelf: Shelf,
        begins: Sequence[int],
        exact: Sequence[bool],
        client: int | None,
    ) -> None:
        self._wishes, self._groups, self._masters, self._shelf, self._exact = wishes, groups, masters, shelf, exact
        self._client, self._begins_at = client, [_bytes(mask) for mask in begins]
        self._able = [{master: _bytes(mask) for master, mask in each.items()} for each in able]
        self._goes: dict[tuple[int, int], bool] = {}
        self._seats: dict[tuple[int, int], list[Seat]] = {}
        self._begun: dict[Hashable, bool] = {}
        self._kinds: dict[tuple[int, UUID], int] = {}
        self._numbers: dict[Hashable, int] = {}

    def begun_by(self, master: UUID, mask: int) -> int:
        """The minutes of `mask` at which the master can begin the visit."""
        return _joined(minute for minute in bits(mask) if self._is_begun_by(master, minute))

    def alone(self, master: UUID, mask: int) -> int:
        """The minutes of `mask` at which the master can render all of it, one wish after another."""
        return _joined(minute for minute in bits(mask) if self._does_all(master, minute))

    def goes(self, number: int, minute: int) -> bool:
        """Whether the groups from `number` on fit at `minute`."""
        if number == len(self._groups):
            return True
        if not _has(self._begins_at[number], minute):
            return False
        if self._exact[number]:
            return True
        key = (number, minute)
        if key not in self._goes:
            self._goes[key] = self._fits(number, minute, self._candidates(number, minute))
        return self._goes[key]

    def _is_begun_by(self, master: UUID, minute: int) -> bool:
        others = tuple(_has(self._able[place].get(master, b""), minute) for place in self._groups[0][1:])
        key = (minute, others, self._kind(0, master))
        if key not in self._begun:
            seats = [{self._kind(0, master): [master]}, *self._candidates(0, minute)[1:]]
            self._begun[key] = self._fits(0, minute, seats)
        return self._begun[key]

    def _fits(self, number: int, minute: int, seats: Sequence[Seat]) -> bool:
        """Whether there is a way to seat the group after which the rest fits."""
        group = self._groups[number]
        for choices in product(*(seat.values() for seat in seats)):
            some = [choice[0] for choice in choices]
            longest = max(self._duration(place, master) for place, master in zip(group, some, strict=True))
            if (
                self._client_stays(minute, longest)
                and self.goes(number + 1, minute + longest)
                and any(len(set(masters)) == len(masters) for masters in product(*choices))
                and self._has_rooms(group, some, minute)
            ):
                return True
        return False

    def _candidates(self, number: int, minute: int) -> list[Seat]:
        """Who can take each seat; of those who are alike as many as there are seats, for others take some."""
        key = (number, minute)
        if key not in self._seats:
            group = self._groups[number]
            self._seats[key] = [self._who(number, place, minute, len(group)) for place in group]
        return self._seats[key]

    def _who(self, number: int, place: int, minute: int, most: int) -> Seat:
        found: Seat = {}
        for master, able in self._able[place].items():
            if _has(able, minute):
                alike = found.setdefault(self._kind(number, master), [])
                if len(alike) < most:
                    alike.append(master)
        return found

    def _kind(self, number: int, master: UUID) -> int:
        """What tells masters apart in a group: how they render its wishes, and in which rooms."""
        key = (number, master)
        if key not in self._kinds:
            needs = tuple(self._wishes[place].needs.get(master) for place in self._groups[number])
            alike = (number, needs, self._masters[master].room_ids)
            self._kinds[key] = self._numbers.setdefault(alike, len(self._numbers))
        return self._kinds[key]

    def _does_all(self, master: UUID, minute: int) -> bool:
        for (place,) in self._groups:
            if not _has(self._able[place][master], minute) or not self._has_rooms((place,), (master,), minute):
                return False
            minute += self._duration(place, master)
        return True

    def _client_stays(self, minute: int, minutes: int) -> bool:
        return self._client is None or not ones(minute, minute + minutes) & ~self._client

    def _has_rooms(self, group: Sequence[int], masters: Sequence[UUID], minute: int) -> bool:
        if not any(self._wishes[place].room_kinds for place in group):
            return True
        asks = []
        for place, master in zip(group, masters, strict=True):
            wish, need = self._wishes[place], self._wishes[place].needs[master]
            asks.append(
                (wish, self._masters[master].room_ids, minute - need.before, minute + need.duration + need.after)
            )
        return self._shelf.take(asks) is not None

    def _duration(self, place: int, master: UUID) -> int:
        return self._wishes[place].needs[master].duration


def _bytes(mask: int) -> bytes:
    return mask.to_bytes(mask.bit_length() // 8 + 1, "little")


def _has(mask: bytes, minute: int) -> bool:
    return minute >> 3 < len(mask) and bool(mask[minute >> 3] >> (minute & 7) & 1)


def _joined(minutes: Iterable[int]) -> int:
    """The minutes as bits."""
    found = list(minutes)
    mask = bytearray(found[-1] // 8 + 1 if found else 0)
    for minute in found:
        mask[minute >> 3] |= 1 << (minute & 7)
    return int.from_bytes(mask, "little")
