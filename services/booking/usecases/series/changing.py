"""Changing a series: this occurrence, this and those that follow, or all still to come; all or nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from msgspec import to_builtins
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from chassis.database import new_id
from chassis.keyring import Keyring
from contracts import booking as wire
from kernel.caller import Caller, Reach
from services.booking.domain.health import Weighed, weigh
from services.booking.domain.series import expand, head_of, instant_of
from services.booking.domain.terms import Offer, for_any_visit
from services.booking.queries.appointments import Kept
from services.booking.queries.catalogue import catalogue
from services.booking.queries.health import health_of, sealed_health
from services.booking.queries.series import KeptSeries, appointments_of, find, show_series
from services.booking.tables import appointments
from services.booking.tables import series as table
from services.booking.usecases.appointments import EVERYBODY, book_visit, cancel_visit, move_visit
from services.booking.usecases.asking import Asked, check_client
from services.booking.usecases.diary import leave
from services.booking.usecases.guard import check_override, weighed
from services.booking.usecases.quoting import offer_of
from services.booking.usecases.record import Change, rewrite
from services.booking.usecases.resolve import check_transfer
from services.booking.usecases.series.booking import kept_rule, kept_times
from services.booking.usecases.series.plan import Outcome, Spot, decide, settle
from services.booking.usecases.series.replan import Replan, Tail, replan
from services.booking.usecases.telling import tell

SUPERFLUOUS = "the series was changed"  # why an appointment ends that its series does not know any more


def preview_change(
    session: Session, request: wire.PreviewSeriesChange, caller: Caller, asked: Asked, now: datetime
) -> wire.SeriesPreview:
    """What the change would do with each occurrence that it is about."""
    series = find(session, request.id, caller, caller.must("appointments.edit"), to_change=True, held=False)
    check_client(session, series.client_id, asked, caller)
    found = appointments_of(session, series.id, held=False)
    plan, _ = _guarded_plan(session, series, found, request, caller, asked, now)
    outcomes = decide(session, plan.planning, plan.wanted, now)
    return wire.SeriesPreview(tuple(each.view(series.tz) for each in outcomes))


def change(
    session: Session, keyring: Keyring, request: wire.ChangeSeries, caller: Caller, asked: Asked, now: datetime
) -> wire.Series:
    """Change it as the preview says; the part that has changed is shown, which may be a series of its own."""
    series = find(session, request.id, caller, caller.must("appointments.edit"), to_change=True)
    check_client(session, series.client_id, asked, caller)
    if request.starts is None and request.segments is None and request.rule is None:
        return show_series(session, series.id, EVERYBODY, Reach.CHAIN)
    found = appointments_of(session, series.id)
    plan, guarded = _guarded_plan(session, series, found, request, caller, asked, now)
    outcomes = settle(session, plan.planning, lambda: decide(session, plan.planning, plan.wanted, now))
    discount = for_any_visit(offer_of(session, series.client_id, series.branch_id, asked.offer))
    by = _Writing(session, keyring, series, request, caller, now, discount, guarded)
    series_id = by.tail(plan, plan.tail, outcomes) if plan.tail else by.one(outcomes)
    return show_series(session, series_id, EVERYBODY, Reach.CHAIN)


def _guarded_plan(
    session: Session,
    series: KeptSeries,
    found: Sequence[Kept],
    request: wire.ChangeSeries | wire.PreviewSeriesChange,
    caller: Caller,
    asked: Asked,
    now: datetime,
) -> tuple[Replan, Weighed]:
    """The change, and what the guard says of the services that it is about."""
    check_override(request, caller)
    if request.segments:
        check_transfer(session, _pairs(series.segments), _pairs(request.segments), caller)
    plan = replan(session, series, found, request, caller, now)
    services = [part.service_id for part in request.segments or series.segments]
    guarded = weighed(catalogue(session), services, asked.checked, request.health_reason)
    planning = replace(plan.planning, contraindicated=guarded.refused, of_others=request.segments is not None)
    return replace(plan, planning=planning), guarded


def _pairs(segments: Sequence[wire.WantedSegment]) -> list[tuple[UUID, UUID | None]]:
    return [(each.service_id, each.master_id) for each in segments]


class _Writing:
    """Writes what was settled, under the locks of that."""

    def __init__(
        self,
        session: Session,
        keyring: Keyring,
        series: KeptSeries,
        request: wire.ChangeSeries,
        caller: Caller,
        now: datetime,
        discount: Offer,
        guarded: Weighed,
    ) -> None:
        self.session, self.keyring, self.series, self.request = session, keyring, series, request
        self.caller, self.now, self.discount, self.guarded = caller, now, discount, guarded

    def one(self, outcomes: Sequence[Outcome]) -> UUID:
        for each in outcomes:
            if each.wanted.kept and each.spot:
                self._move(each.wanted.kept, each.spot)
        self._rewrite_series()
        return self.series.id

    def tail(self, plan: Replan, tail: Tail, outcomes: Sequence[Outcome]) -> UUID:
        """Everything gives up its time first: one may go to where another has been."""
        leave(self.session, plan.planning.besides)
        skipped = [each.wanted for each in outcomes if each.outcome == "skipped"]
        for kept in (*tail.ending, *(each.kept for each in skipped if each.kept)):
            self._cancel(kept)
        self._detach(tail.appointments)
        series_id = self._keep_rule(tail, [*tail.left_out, *(each.occurrence for each in skipped)])
        there = {each.wanted.kept.appointment.id: each for each in outcomes if each.wanted.kept}
        for kept in tail.appointments:
            occurrence = tail.becomes.get(kept.appointment.id)
            if occurrence:
                self._attach(kept, series_id, occurrence, there.get(kept.appointment.id))
        for each in outcomes:
            if each.wanted.kept is None and each.spot:
                self._book(each.spot, series_id, each.wanted.occurrence)
        return series_id

    def _detach(self, found: Sequence[Kept]) -> None:
        """First from all, since an occurrence belongs to one appointment at any moment; what the rule does not name
        any more has left the series. What they counted is kept: by it calendars tell that the series has changed.
        """
        ids = [kept.appointment.id for kept in found]
        self.session.execute(
            update(appointments).where(appointments.c.id.in_(ids)).values(series_id=None, occurrence=None)
        )
        counted = sum(kept.appointment.version for kept in found)
        this = table.c.id == self.series.id
        self.session.execute(update(table).where(this).values(gone=table.c.gone + counted))

    def _attach(self, kept: Kept, series_id: UUID, occurrence: datetime, outcome: Outcome | None) -> None:
        old = kept.appointment
        new = replace(old, series_id=series_id, occurrence=occurrence)
        if outcome and outcome.spot:
            self._move(replace(kept, appointment=new), outcome.spot)
        elif outcome and outcome.wanted.stays and series_id != old.series_id:
            new = replace(new, version=old.version + 1)
            rewrite(self.session, old, new, Change("changed", self.caller, self.now))
            tell(self.session, [new], ["changed"], self.now)
        else:
            this = appointments.c.id == old.id
            self.session.execute(update(appointments).where(this).values(series_id=series_id, occurrence=occurrence))

    def _move(self, kept: Kept, spot: Spot) -> None:
        move_visit(
            self.session,
            self.keyring,
            kept,
            replace(spot.visit, besides=frozenset({kept.appointment.id})),
            spot.placed,
            caller=self.caller,
            now=self.now,
            discount=None if self.request.segments is None else self.discount,
            texts=self._guard_of(kept),
        )

    def _guard_of(self, kept: Kept) -> dict[str, bytes | None]:
        """What the guard says of it from now on, if it gets other services."""
        if self.request.segments is None:
            return {}
        old = kept.appointment
        before = health_of(self.keyring, old, kept.health)
        guarded = weigh(self.guarded.health, self.request.health_reason, before)
        return {"health": sealed_health(self.keyring, old, guarded.at(old.version + 1))}

    def _book(self, spot: Spot, series_id: UUID, occurrence: datetime) -> None:
        book_visit(
            self.session,
            self.keyring,
            replace(spot.visit, besides=frozenset()),
            spot.placed,
            caller=self.caller,
            now=self.now,
            discount=self.discount,
            channel=self.series.channel,
            series=(series_id, occurrence),
            weighed=self.guarded,
        )

    def _cancel(self, kept: Kept) -> None:
        cancel_visit(
            self.session,
            self.keyring,
            kept,
            caller=self.caller,
            now=self.now,
            reason=SUPERFLUOUS,
            by="client" if self.caller.client_id == self.series.client_id else "staff",
        )

    def _keep_rule(self, tail: Tail, left_out: Sequence[datetime]) -> UUID:
        """Over the old rule, or as a series of its own where something of the old one stays."""
        series, tz = self.series, self.series.tz
        new = {
            "starts": instant_of(tail.first, tz),
            "rule": kept_rule(tail.rule),
            "segments": to_builtins(self.request.segments or series.segments),
            "left_out": kept_times(left_out),
        }
        if tail.position == 0:
            self._rewrite_series(**new)
            return series.id
        walls = expand(series.rule, series.first)
        until = instant_of(walls[tail.position], tz)
        self._rewrite_series(
            rule=kept_rule(head_of(series.rule, walls, tail.position)),
            left_out=kept_times(each for each in series.left_out if each < until),
        )
        series_id = new_id()
        self.session.execute(
            insert(table).values(
                id=series_id,
                branch_id=series.branch_id,
                client_id=series.client_id,
                channel=series.channel,
                split_from=series.id,
                changed_at=self.now,
                **new,
            )
        )
        return series_id

    def _rewrite_series(self, **changes: object) -> None:
        changes |= {"version": self.series.version + 1, "changed_at": self.now}
        self.session.execute(update(table).where(table.c.id == self.series.id).values(changes))
