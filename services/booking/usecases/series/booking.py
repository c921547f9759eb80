"""Booking a series, all or nothing, and showing before what would become of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from msgspec import to_builtins
from sqlalchemy import insert
from sqlalchemy.orm import Session

from chassis.database import new_id
from chassis.keyring import Keyring
from contracts import booking as wire
from kernel.caller import Caller, Reach
from kernel.errors import Invalid
from services.booking.domain.diary import check_start
from services.booking.domain.health import Weighed
from services.booking.domain.series import Rule, check_rule, exists, expand, instant_of, occurrences, wall_of
from services.booking.domain.terms import for_any_visit
from services.booking.domain.wish import Wish
from services.booking.queries.catalogue import Catalogue, catalogue
from services.booking.queries.series import rule_of, show_series, wire_rule_of
from services.booking.tables import series
from services.booking.usecases.appointments import EVERYBODY, book_visit
from services.booking.usecases.asking import Asked, check_client
from services.booking.usecases.guard import check_override, weighed
from services.booking.usecases.quoting import offer_of
from services.booking.usecases.resolve import check_length, is_client, resolve, zone_of
from services.booking.usecases.series.plan import Outcome, Planning, Wanted, decide, settle


@dataclass(frozen=True, slots=True)
class Asking:
    """A series as it is asked for, found right in itself."""

    planning: Planning
    rule: Rule
    first: datetime
    wanted: Sequence[Wanted]
    guarded: Weighed


def preview(
    session: Session, request: wire.PreviewSeries, caller: Caller, asked: Asked, now: datetime
) -> wire.SeriesPreview:
    """What booking would do with each occurrence."""
    asking = _asking(session, request, caller, asked, now)
    outcomes = _decided(session, asking, now)
    return wire.SeriesPreview(tuple(each.view(asking.planning.tz) for each in outcomes))


def book(
    session: Session, keyring: Keyring, request: wire.BookSeries, caller: Caller, asked: Asked, now: datetime
) -> wire.Series:
    """Book every occurrence, by the policy where one is not free."""
    asking = _asking(session, request, caller, asked, now)
    outcomes = settle(session, asking.planning, lambda: _decided(session, asking, now))
    series_id = new_id()
    session.execute(
        insert(series).values(
            id=series_id,
            branch_id=request.branch_id,
            client_id=request.client_id,
            starts=instant_of(asking.first, asking.planning.tz),
            rule=kept_rule(asking.rule),
            segments=to_builtins(request.segments),
            left_out=kept_times(each.wanted.occurrence for each in outcomes if each.outcome == "skipped"),
            channel=request.channel,
            changed_at=now,
        )
    )
    discount = for_any_visit(offer_of(session, request.client_id, request.branch_id, asked.offer))
    for each in outcomes:
        if each.spot:
            book_visit(
                session,
                keyring,
                each.spot.visit,
                each.spot.placed,
                caller=caller,
                now=now,
                discount=discount,
                channel=request.channel,
                comment=request.comment,
                series=(series_id, each.wanted.occurrence),
                weighed=asking.guarded,
            )
    return show_series(session, series_id, EVERYBODY, Reach.CHAIN)


def _asking(
    session: Session,
    request: wire.PreviewSeries | wire.BookSeries,
    caller: Caller,
    asked: Asked,
    now: datetime,
) -> Asking:
    own = caller.must("appointments.create") is Reach.OWN
    check_override(request, caller)
    if own and request.client_id != caller.client_id:
        raise Invalid.field("client_id", "client_unknown", "there is no such client")
    known = catalogue(session)
    tz = zone_of(known, request.branch_id, replace(caller, everywhere=True) if own else caller)
    check_client(session, request.client_id, asked, caller)
    wishes = resolve(session, request.branch_id, request.segments, caller, known)
    check_no_group(known, wishes)
    check_start(request.starts, now)
    rule, first = rule_of(request.rule), wall_of(request.starts, tz)
    check_rule(rule, first)
    services = [wish.service_id for wish in wishes]
    guarded = weighed(known, services, asked.checked, request.health_reason)
    planning = Planning(
        request.branch_id,
        tz,
        request.client_id,
        request.policy,
        favourite=asked.favourite_master_id,
        for_client=is_client(caller),
        contraindicated=guarded.refused,
    )
    return Asking(planning, rule, first, wanted_of(rule, first, tz, wishes), guarded)


def _decided(session: Session, asking: Asking, now: datetime) -> list[Outcome]:
    """What becomes of each; a service that is too long for anybody's work is wrong in itself."""
    outcomes = decide(session, asking.planning, asking.wanted, now)
    if any(each.code == "outside_shift" for each in outcomes):
        check_length(session, asking.planning.branch_id, asking.wanted[0].wishes, now)
    return outcomes


def check_no_group(known: Catalogue, wishes: Sequence[Wish]) -> None:
    """A group takes place when it was planned, not by the rule of one who joins."""
    for place, wish in enumerate(wishes):
        if known.services[wish.service_id].capacity > 1:
            field = f"segments.{place}.service_id"
            raise Invalid.field(field, "group_service_alone", "the events of a group are booked one by one")


def wanted_of(rule: Rule, first: datetime, tz: ZoneInfo, wishes: Sequence[Wish]) -> list[Wanted]:
    """Every occurrence of the rule, with the one that follows it."""
    walls = occurrences(rule, first)
    until = following(rule, first, tz)
    return [
        Wanted(at, at if exists(wall, tz) else None, wishes, until.get(wall))
        for wall, at in ((wall, instant_of(wall, tz)) for wall in walls)
    ]


def following(rule: Rule, first: datetime, tz: ZoneInfo) -> dict[datetime, datetime]:
    """The instant of the occurrence after each, also of an excluded one; the last has none."""
    return {wall: instant_of(after, tz) for wall, after in pairwise(expand(rule, first))}


def kept_rule(rule: Rule) -> object:
    return to_builtins(wire_rule_of(rule))


def kept_times(times: Iterable[datetime]) -> object:
    return to_builtins(sorted(times))
