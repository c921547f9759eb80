"""Series: read as the rules know them, shown as the contract says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import convert
from sqlalchemy import Row, Select, exists, false, or_, select
from sqlalchemy.orm import Session

from contracts import booking as wire
from contracts.message import Page
from kernel.caller import Caller, Reach
from kernel.errors import NotFound
from kernel.time import zone
from services.booking.domain.series import Rule, instant_of, occurrences, text_of, wall_of
from services.booking.queries.appointments import Kept, kept
from services.booking.queries.paging import page
from services.booking.queries.reach import in_branches
from services.booking.queries.salon import must_be_theirs, zone_of_asked
from services.booking.tables import appointments, branches, masters, segments, series


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose series it is, and what they come for."""

    client_id: UUID
    branch_id: UUID
    starts: datetime
    segments: tuple[wire.WantedSegment, ...]


@dataclass(frozen=True, slots=True)
class KeptSeries:
    """A series as it is kept. `left_out` are the occurrences that stay out, skipped by its policy or cancelled.

    Also those that the rule does not name just now.
    """

    id: UUID
    branch_id: UUID
    client_id: UUID
    tz: ZoneInfo
    starts: datetime
    rule: Rule
    segments: tuple[wire.WantedSegment, ...]
    left_out: tuple[datetime, ...]
    channel: str | None
    split_from: UUID | None
    version: int

    @property
    def first(self) -> datetime:
        """When the rule begins, on the wall clock."""
        return wall_of(self.starts, self.tz)


def show_series(
    session: Session, series_id: UUID, caller: Caller, reach: Reach, since: date | None = None
) -> wire.Series:
    return _from(since, views(session, [find(session, series_id, caller, reach)])[0], caller)


def list_series(
    session: Session, request: wire.ListSeries, caller: Caller, reach: Reach, since: date | None = None
) -> Page[wire.Series]:
    if request.branch_id:
        if reach is not Reach.OWN:
            must_be_theirs(request.branch_id, caller)
        zone_of_asked(session, request.branch_id)
    query = _query().where(_seen(caller, reach))
    if request.branch_id:
        query = query.where(series.c.branch_id == request.branch_id)
    if request.client_id:
        query = query.where(series.c.client_id == request.client_id)
    found = page(session, query, series, _kept, request.limit, request.cursor)
    return Page(tuple(_from(since, each, caller) for each in views(session, found.items)), found.next)


def _from(since: date | None, shown: wire.Series, caller: Caller) -> wire.Series:
    """Without the appointments before `since`, unless they are the caller's own."""
    if since is None or shown.client_id == caller.client_id:
        return shown
    younger = tuple(one for one in shown.appointments if one.starts.date() >= since)
    left_out = tuple(one for one in shown.left_out if one.date() >= since)
    return replace(shown, appointments=younger, left_out=left_out, history_from=since)


def series_of_client(session: Session, client_id: UUID) -> list[wire.Series]:
    rows = session.execute(_query().where(series.c.client_id == client_id).order_by(series.c.id)).all()
    return views(session, [_kept(row) for row in rows])


def find(
    session: Session, series_id: UUID, caller: Caller, reach: Reach, *, to_change: bool = False, held: bool = True
) -> KeptSeries:
    """The series, if the caller may reach it; `to_change` holds it until the end of the transaction, unless not `held`.

    To change a series with `.own` takes being its client.
    """
    query = _query().where(series.c.id == series_id, _seen(caller, reach, to_change=to_change))
    if to_change and held:
        query = query.with_for_update(of=series)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("series_not_found", "there is no such series")
    return _kept(row)


def whose(session: Session, series_id: UUID) -> Whose | None:
    row = session.execute(select(series).where(series.c.id == series_id)).one_or_none()
    if row is None:
        return None
    return Whose(row.client_id, row.branch_id, row.starts, convert(row.segments, tuple[wire.WantedSegment, ...]))


def _seen(caller: Caller, reach: Reach, *, to_change: bool = False) -> Any:
    if reach is not Reach.OWN:
        return in_branches(series.c.branch_id, caller)
    comes = series.c.client_id == caller.client_id if caller.client_id else false()
    if to_change:
        return comes
    rendered = exists(
        select(segments.c.id)
        .join(appointments, appointments.c.id == segments.c.appointment_id)
        .join(masters, masters.c.id == segments.c.master_id)
        .where(appointments.c.series_id == series.c.id, masters.c.user_id == caller.id)
    )
    return or_(comes, rendered)


def _query() -> Select[Any]:
    return select(series, branches.c.time_zone).join(branches, branches.c.id == series.c.branch_id)


def _kept(row: Row[Any]) -> KeptSeries:
    return KeptSeries(
        id=row.id,
        branch_id=row.branch_id,
        client_id=row.client_id,
        tz=zone(row.time_zone),
        starts=row.starts,
        rule=rule_of(convert(row.rule, wire.Rule)),
        segments=convert(row.segments, tuple[wire.WantedSegment, ...]),
        left_out=convert(row.left_out, tuple[datetime, ...]),
        channel=row.channel,
        split_from=row.split_from,
        version=row.version,
    )


def rule_of(rule: wire.Rule) -> Rule:
    """The rule as the rules of series know it."""
    return Rule(rule.freq, rule.interval, rule.by_day, rule.count, rule.until, tuple(sorted(set(rule.exdates))))


def wire_rule_of(rule: Rule) -> wire.Rule:
    """The rule as the contract says it."""
    return wire.Rule(rule.freq, rule.interval, rule.by_day, rule.count, rule.until, rule.exdates)  # type: ignore[arg-type]


def appointments_of(session: Session, series_id: UUID, *, held: bool = True) -> list[Kept]:
    """All appointments of the series in the order of its occurrences; held until the end of the transaction."""
    theirs = select(appointments, branches.c.time_zone).join(branches, branches.c.id == appointments.c.branch_id)
    query = theirs.where(appointments.c.series_id == series_id).order_by(appointments.c.id)
    found = kept(session, query.with_for_update(of=appointments) if held else query)
    return sorted(found, key=lambda each: each.appointment.occurrence or each.appointment.starts)


# --- views ------------------------------------------------------------------------------------------------------------


def views(session: Session, found: Sequence[KeptSeries]) -> list[wire.Series]:
    """What the contract shows of `found`, their appointments read with one statement."""
    query = (
        select(
            appointments.c.series_id,
            appointments.c.id,
            appointments.c.occurrence,
            appointments.c.starts,
            appointments.c.status,
        )
        .where(appointments.c.series_id.in_([each.id for each in found]))
        .order_by(appointments.c.occurrence)
    )
    booked: dict[UUID, list[Any]] = {}
    for row in session.execute(query):
        booked.setdefault(row.series_id, []).append(row)
    return [_view(each, booked.get(each.id, ())) for each in found]


def _view(each: KeptSeries, booked: Sequence[Any]) -> wire.Series:
    return wire.Series(
        id=each.id,
        branch_id=each.branch_id,
        client_id=each.client_id,
        starts=each.starts.astimezone(each.tz),
        rule=wire_rule_of(each.rule),
        rrule=text_of(each.rule, each.tz),
        segments=each.segments,
        appointments=tuple(
            wire.SeriesAppointment(
                row.id, row.occurrence.astimezone(each.tz), row.starts.astimezone(each.tz), row.status
            )
            for row in booked
        ),
        left_out=_left_out(each),
        version=each.version,
        split_from=each.split_from,
    )


def _left_out(each: KeptSeries) -> tuple[datetime, ...]:
    """What stays out of what the rule names now."""
    if not each.left_out:
        return ()
    named = {instant_of(wall, each.tz) for wall in occurrences(each.rule, each.first)}
    return tuple(occurrence.astimezone(each.tz) for occurrence in each.left_out if occurrence in named)
