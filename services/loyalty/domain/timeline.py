"""Which programme is in force where and when, of all that were ever published."""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from services.loyalty.domain.programme import Programme

FIRST = datetime(2000, 1, 1, tzinfo=UTC)  # the first programme holds from here on, for history of other systems
NONE = Programme(id=None, version=0, name="none", starts=FIRST)  # where nothing is in force nothing is given


class Timeline:
    """All programmes; a branch's own goes before the chain's."""

    def __init__(self, programmes: Iterable[Programme]) -> None:
        self._by_scope: dict[UUID | None, list[Programme]] = {}
        for each in sorted(programmes, key=lambda one: (one.starts, one.version)):
            self._by_scope.setdefault(each.branch_id, []).append(each)

    @property
    def depth(self) -> int:
        """How many levels of people brought any of them looks down."""
        return max((each.depth for each in self.all), default=1)

    @property
    def segment_ids(self) -> frozenset[UUID]:
        """The saved segments that any of them looks at."""
        return frozenset[UUID]().union(*(each.segment_ids for each in self.all))

    @property
    def all(self) -> tuple[Programme, ...]:
        """Every version, in no order that means anything."""
        return tuple(each for scope in self._by_scope.values() for each in scope)

    def at(self, branch_id: UUID | None, at: datetime) -> Programme:
        """What holds for a visit in `branch_id`, or (None) what the chain has, at an instant; perhaps NONE."""
        own = self._in_scope(branch_id, at) if branch_id is not None else None
        return own or self._in_scope(None, at) or NONE

    def all_at(self, at: datetime) -> tuple[Programme, ...]:
        """What is in force at an instant: the chain's first, which may be NONE, then the branches' own."""
        branches = sorted((scope for scope in self._by_scope if scope is not None), key=str)
        own = (self._in_scope(scope, at) for scope in branches)
        return (self.at(None, at), *(each for each in own if each is not None))

    def with_one_more(self, programme: Programme) -> "Timeline":
        """As if `programme` were in force in its scope from its `starts` until its `ends`, whatever else is."""
        others = [each for scope in self._by_scope.values() for each in scope]
        changed = Timeline(others)
        changed._by_scope.setdefault(programme.branch_id, []).append(programme)
        return changed

    def _in_scope(self, scope: UUID | None, at: datetime) -> Programme | None:
        for each in reversed(self._by_scope.get(scope, ())):
            if each.starts <= at and (each.ends is None or at < each.ends):
                return each
        return None
