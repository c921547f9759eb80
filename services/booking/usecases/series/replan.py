"""What a change of a series would do: which occurrences it is about, what they become, and which appointments end."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from contracts import booking as wire
from kernel.caller import Caller
from kernel.errors import Conflict, Invalid
from services.booking.domain.appointment import Status, must_be_open, must_keep_its_day
from services.booking.domain.diary import check_cut_off, check_start
from services.booking.domain.series import Rule, check_rule, exists, expand, followed_by, instant_of, tail_of, wall_of
from services.booking.domain.wish import Wish
from services.booking.queries.appointments import Kept
from services.booking.queries.catalogue import catalogue
from services.booking.queries.limits import limits_of
from services.booking.queries.series import KeptSeries, rule_of
from services.booking.usecases.appointments import EVERYBODY
from services.booking.usecases.resolve import again, check_length, is_client, resolve
from services.booking.usecases.series.booking import check_no_group, following
from services.booking.usecases.series.plan import Planning, Wanted

Change = wire.ChangeSeries | wire.PreviewSeriesChange


@dataclass(frozen=True, slots=True)
class Tail:
    """From `position` of the old rule on, `rule` holds from `first` on.

    `appointments` are all from there on; `becomes` says which new occurrence each of them stands for from now on, and
    `ending` are those still to come that the new rule does not know. `left_out` stay left out, also those
    that the rule does not name, in case that it will again.
    """

    position: int
    first: datetime
    rule: Rule
    appointments: Sequence[Kept]
    becomes: Mapping[UUID, datetime]
    left_out: Sequence[datetime]
    ending: Sequence[Kept]


@dataclass(frozen=True, slots=True)
class Replan:
    """What is wanted of each occurrence; without a tail it is about one only, and the rule stays."""

    planning: Planning
    wanted: Sequence[Wanted]
    tail: Tail | None = None

    @property
    def giving_way(self) -> list[Kept]:
        """The appointments that are moved or end."""
        moved = [each.kept for each in self.wanted if each.kept and not each.stays]
        return moved + list(self.tail.ending if self.tail else ())


def is_to_come(kept: Kept, now: datetime) -> bool:
    """Whether it can still be changed with its series: nobody has come, and its time lies ahead."""
    return kept.appointment.status in (Status.BOOKED, Status.CONFIRMED) and kept.appointment.starts > now


def series_over() -> Conflict:
    return Conflict("series_over", "nothing of the series is still to come")


def named(found: Sequence[Kept], appointment_id: UUID | None, scope: str) -> Kept | None:
    """The appointment of the series that the request names."""
    if appointment_id is None:
        if scope == "all":
            return None
        raise Invalid.field("appointment_id", "appointment_missing", "say which appointment of the series")
    for each in found:
        if each.appointment.id == appointment_id:
            return each
    raise Invalid.field("appointment_id", "appointment_unknown", "the series has no such appointment")


def replan(
    session: Session, series: KeptSeries, found: Sequence[Kept], request: Change, caller: Caller, now: datetime
) -> Replan:
    """The change, found right in itself and not yet compared with the diaries."""
    anchor = named(found, request.appointment_id, request.scope)
    if not any(is_to_come(each, now) for each in found):
        raise series_over()
    wishes: list[Wish] | None = None
    if request.segments is not None:
        wishes = resolve(session, series.branch_id, request.segments, caller)
        check_no_group(catalogue(session), wishes)
        check_length(session, series.branch_id, wishes, now)
    if request.starts is not None:
        check_start(request.starts, now)
    if request.scope == "this" and request.rule is not None:
        raise Invalid.field("rule", "rule_of_one", "one appointment has no rule of its own")
    if anchor and (request.scope == "this" or request.starts is not None):
        must_be_open(anchor.appointment)
    if anchor and request.scope == "this" and request.starts is not None:
        must_keep_its_day(anchor.appointment, request.starts.astimezone(series.tz).date())
    made = _Making(session, series, found, request, now, anchor, wishes)
    plan = made.of_one(anchor) if request.scope == "this" and anchor else made.of_tail()
    client = is_client(caller)
    if client:
        for each in plan.giving_way:
            check_in_time(session, each, now)
    besides = frozenset(each.appointment.id for each in plan.giving_way)
    return replace(plan, planning=replace(plan.planning, besides=besides, for_client=client))


def check_in_time(session: Session, kept: Kept, now: datetime) -> None:
    """Clients change and cancel some time ahead."""
    services = [part.service_id for part in kept.appointment.segments]
    check_cut_off(kept.appointment.starts, limits_of(session, kept.appointment.branch_id, services), now)


@dataclass(frozen=True, slots=True)
class _Making:
    """The request with all that it is about."""

    session: Session
    series: KeptSeries
    found: Sequence[Kept]
    request: Change
    now: datetime
    anchor: Kept | None
    wishes: Sequence[Wish] | None

    @property
    def planning(self) -> Planning:
        return Planning(self.series.branch_id, self.series.tz, self.series.client_id, self.request.policy)

    def of_one(self, kept: Kept) -> Replan:
        """This occurrence only: it stays one of the rule, at a time of its own."""
        tz, appointment = self.series.tz, kept.appointment
        after = following(self.series.rule, self.series.first, tz)
        at = appointment.occurrence or appointment.starts
        starts = self.request.starts.astimezone(UTC) if self.request.starts else appointment.starts
        wanted = self._wanted(at, starts, kept, after.get(wall_of(at, tz)))
        return Replan(self.planning, [wanted])

    def of_tail(self) -> Replan:
        """The occurrences from one on, by the rule as it is from now on."""
        series, request, tz = self.series, self.request, self.series.tz
        walls = expand(series.rule, series.first)
        position = self._position(walls)
        first = self._first(walls, position)
        if not exists(first, tz):
            raise Invalid.field("starts", "time_does_not_exist", "on this day the clocks jump over this time")
        rule = rule_of(request.rule) if request.rule else tail_of(series.rule, walls, position, first)
        check_rule(rule, first)
        new = expand(rule, first)
        old = walls[position:]
        by = first - old[0]
        pairs = self._pairs(old, new, rule, by)
        excluded = set(rule.exdates)
        pairs = {each: wall for each, wall in pairs.items() if wall.date() not in excluded}
        tail = [each for each in self.found if self._occurrence(each) >= instant_of(old[0], tz)]
        left_out = {wall for wall in pairs if instant_of(wall, tz) in series.left_out}
        unnamed = {
            wall.date(): wall for wall in (each + by for each in self._out_of(tail, old[0]) if each not in pairs)
        }
        wanted, becomes = self._tail_wanted(rule, first, pairs, tail, left_out, unnamed)
        ending = [each for each in tail if each.appointment.id not in becomes and is_to_come(each, self.now)]
        named_again = {wall.date(): wall for wall in new}
        out = {*(pairs[wall] for wall in left_out), *(named_again.get(day, wall) for day, wall in unnamed.items())}
        still_out = sorted({instant_of(wall, tz) for wall in out} - set(becomes.values()))
        return Replan(self.planning, wanted, Tail(position, first, rule, tail, becomes, still_out, ending))

    def _out_of(self, tail: Sequence[Kept], since: datetime) -> list[datetime]:
        """What was left out or cancelled from there on, on the wall clock, named by the rule just now or not."""
        cancelled = [self._occurrence(each) for each in tail if each.appointment.status == Status.CANCELLED]
        walls = (wall_of(at, self.series.tz) for at in (*self.series.left_out, *cancelled))
        return [wall for wall in walls if wall >= since]

    def _occurrence(self, kept: Kept) -> datetime:
        return kept.appointment.occurrence or kept.appointment.starts

    def _position(self, walls: Sequence[datetime]) -> int:
        """The first occurrence that the change is about."""
        tz = self.series.tz
        instants = [instant_of(wall, tz) for wall in walls]
        if self.request.scope == "following" and self.anchor:
            return instants.index(self._occurrence(self.anchor))
        ahead = [place for place, instant in enumerate(instants) if instant > self.now]
        ahead += [instants.index(self._occurrence(each)) for each in self.found if is_to_come(each, self.now)]
        if not ahead:
            raise series_over()
        return min(ahead)

    def _first(self, walls: Sequence[datetime], position: int) -> datetime:
        """When the rule begins from now on: the new time of the one that is named, and the others move along."""
        if self.request.starts is None:
            return walls[position]
        target = wall_of(self.request.starts, self.series.tz)
        if self.anchor is None:
            return target
        named_wall = next(wall for wall in walls if instant_of(wall, self.series.tz) == self._occurrence(self.anchor))
        return walls[position] + (target - named_wall)

    def _pairs(
        self, old: Sequence[datetime], new: Sequence[datetime], rule: Rule, by: timedelta
    ) -> Mapping[datetime, datetime]:
        if self.request.rule is None:
            return dict(zip(old, new, strict=False))
        moved = followed_by([wall + by for wall in old], new, rule.freq)
        return {wall: moved[wall + by] for wall in old if wall + by in moved}

    def _tail_wanted(
        self,
        rule: Rule,
        first: datetime,
        pairs: Mapping[datetime, datetime],
        tail: Sequence[Kept],
        left_out: set[datetime],
        unnamed: Container[date],
    ) -> tuple[list[Wanted], dict[UUID, datetime]]:
        """What is wanted of every occurrence of the new rule, and which of them each appointment stands for.

        Nothing on the dates of `unnamed`, which the rule has not named for a while.
        """
        tz, excluded = self.series.tz, set(rule.exdates)
        stood_for = {new: old for old, new in pairs.items()}
        booked = {self._occurrence(each): each for each in tail}
        until = following(rule, first, tz)
        wanted: list[Wanted] = []
        becomes: dict[UUID, datetime] = {}
        for wall in expand(rule, first):
            old = stood_for.get(wall)
            if wall.date() in excluded:
                continue
            at = instant_of(wall, tz)
            kept = booked.get(instant_of(old, tz)) if old else None
            if kept:
                becomes[kept.appointment.id] = at
            if old in left_out:
                continue
            if kept is None and wall.date() not in unnamed:
                wanted.append(Wanted(at, at if exists(wall, tz) else None, self._new_wishes(), until.get(wall)))
            elif kept and old and is_to_come(kept, self.now):
                wanted.append(self._wanted(at, self._starts(kept, old, wall), kept, until.get(wall)))
        return wanted, becomes

    def _starts(self, kept: Kept, old: datetime, wall: datetime) -> datetime | None:
        """Where the appointment goes; one that was moved by itself keeps its distance from the rule."""
        tz, request = self.series.tz, self.request
        if request.starts is not None and self.anchor and kept.appointment.id == self.anchor.appointment.id:
            return request.starts.astimezone(UTC)
        if wall == old:
            return kept.appointment.starts
        apart = kept.appointment.starts != instant_of(old, tz)
        if apart and request.rule is None:
            wall = wall_of(kept.appointment.starts, tz) + (wall - old)
        return instant_of(wall, tz) if exists(wall, tz) else None

    def _wanted(self, at: datetime, starts: datetime | None, kept: Kept, until: datetime | None) -> Wanted:
        stays = starts == kept.appointment.starts and self.wishes is None
        wishes = self.wishes if self.wishes is not None else again(self.session, kept.appointment.segments)
        return Wanted(at, starts, wishes, until, kept, stays)

    def _new_wishes(self) -> Sequence[Wish]:
        if self.wishes is not None:
            return self.wishes
        return resolve(self.session, self.series.branch_id, self.series.segments, EVERYBODY)
