"""Whether a time may be booked at all: how far ahead, how late; and the refusals of the diary."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from kernel.errors import Conflict, Invalid

YEARS = range(1900, 2200)  # far from the ends of the calendar, where adding a day or an offset overflows
PLANNED_AHEAD = timedelta(days=1098)  # three years; who plans for later has mistyped the year


def check_instant(field: str, instant: datetime) -> None:
    """An instant says its offset, and lies where one can count."""
    if instant.tzinfo is None:
        raise Invalid.field(field, "offset_missing", "a time needs its offset from UTC")
    if instant.year not in YEARS:
        raise Invalid.field(field, "time_out_of_range", "this is too long ago or too far ahead")


def check_ahead(field: str, when: date, today: date) -> None:
    """Nobody plans work, holidays or time away further ahead than three years; the past is what it was."""
    if when - today > PLANNED_AHEAD:
        raise Invalid.field(field, "date_out_of_range", f"at most {PLANNED_AHEAD.days} days ahead can be planned")


def check_start(starts: datetime, now: datetime) -> None:
    """An appointment starts ahead, on a whole minute."""
    check_instant("starts", starts)
    if starts.second or starts.microsecond:
        raise Invalid.field("starts", "start_not_whole_minute", "an appointment starts on a whole minute")
    if starts <= now:
        raise Invalid.field("starts", "slot_in_past", "an appointment must start in the future")


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


def room_closed() -> Conflict:
    return Conflict("outside_shift", "no room or unit that this needs is open at this time")


def client_busy() -> Conflict:
    return Conflict("client_busy", "the client has another appointment at this time")


def outside_shift() -> Conflict:
    return Conflict("outside_shift", "nobody who can do this works at this time")
