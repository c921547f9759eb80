"""Shifts as people write them into a cell: 10–18, or 10–14, 15:30–19; nothing is a day off."""

import re
from collections.abc import Iterable, Sequence

from contracts.booking import Shift
from gateway.pages.languages import gettext as _
from kernel.errors import Invalid

_CLOCK = r"(?:[01]?\d|2[0-4])(?:[:.]?[0-5]\d)?"
_SPAN = rf"{_CLOCK}\s*[\-–—]\s*{_CLOCK}"
PATTERN = rf"\s*({_SPAN}(\s*[,;\s]\s*{_SPAN})*)?\s*"  # for the browser, too
_WHOLE = re.compile(PATTERN)
_PARTS = re.compile(r"(\d{1,2}?)(?:[:.]?(\d{2}))?\s*[\-–—]\s*(\d{1,2}?)(?:[:.]?(\d{2}))?(?=\s*(?:[,;\s]|$))")

Hours = tuple[str, str]


def read(text: str, what: str, field: str = "painted") -> tuple[Hours, ...]:
    """The hours of a cell, each HH:MM; refused with `what` the cell stands for, and its field."""
    if not _WHOLE.fullmatch(text):
        told = _("“%(text)s” (%(what)s) are no working hours. Write 10–18, or 10–14, 15–19.", text=text, what=what)
        raise Invalid.field(field, "not_a_time", told)
    return tuple((_clock(a, b, field), _clock(c, d, field)) for a, b, c, d in _PARTS.findall(text))


def written(hours: Iterable[Hours]) -> str:
    return ", ".join(f"{_short(starts)}–{_short(ends)}" for starts, ends in sorted(hours))


def hours_of(shifts: Sequence[Shift]) -> str:
    return written((shift.starts, shift.ends) for shift in shifts)


def _clock(hours: str, minutes: str, field: str) -> str:
    clock = f"{int(hours):02}:{minutes or '00'}"
    if clock > "24:00":
        raise Invalid.field(field, "not_a_time", _("A day ends at 24:00."))
    return clock


def _short(clock: str) -> str:
    return str(int(clock[:2])) if clock.endswith(":00") else f"{int(clock[:2])}{clock[2:]}"
