"""What became of an appointment, in words: who booked, moved, completed it when, its price before and after."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response

from contracts.auth import ShowMe
from contracts.booking import (
    Appointment,
    HistoryEntry,
    ListMasters,
    ListServices,
    Master,
    ShowAppointment,
    ShowHistory,
)
from gateway.pages import formats, me_look
from gateway.pages.clients_parts import users_of
from gateway.pages.desk.day import names_of
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.languages import noted
from gateway.pages.site import Area, shown
from gateway.pages.visitor import Visitor
from kernel.money import Money

CHANGES = {
    "booked": noted("Appointment made"),
    "changed": noted("Changed"),
    "noted": noted("Comment changed"),
    "confirmed": noted("Confirmed"),
    "arrived": noted("The client is here"),
    "completed": noted("Completed"),
    "cancelled": noted("Cancelled"),
    "no_show": noted("The client did not come"),
    "refunded": noted("Money given back"),
    "merged": noted("Two cards of the client became one"),
}
AMOUNTS = {"paid": noted("Paid"), "refunded": noted("Given back")}

area = Area("desk-history")


@dataclass(frozen=True)
class Line:
    """One change in words; `notes` are what was otherwise before."""

    at: datetime
    what: str
    who: str
    notes: tuple[str, ...]


@area.page("/desk/appointments/<uuid:id>/history", ShowHistory)
def history(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    """The newest first."""
    visit = visitor.ask(ShowAppointment(id))
    entries = visitor.ask(ShowHistory(id)).items
    masters = visitor.all(ListMasters)
    words = Words(visit, {one.id: one.name for one in masters}, names_of(visitor, ListServices))
    people = _people(visitor, masters)
    lines = [Line(one.at, words.what(one), _who(one.caller, people), tuple(words.notes(one))) for one in entries]
    return shown("desk/history.html", lines=lines[::-1], booked_for=words.first_price(entries))


def _people(visitor: Visitor, masters: Iterable[Master]) -> dict[str, str]:
    """By id: users where the visitor may know them, masters by their name, and the visitor."""
    me = visitor.ask_if(ShowMe())
    known: dict[UUID, str] = {one.user_id: one.name for one in masters if one.user_id}
    known |= {me.id: me.name} if me else {}
    return {str(one): name for one, name in (known | users_of(visitor)).items()}


def _who(caller: str, people: dict[str, str]) -> str:
    if caller in people:
        return people[caller]
    if caller == "nobody":
        return _("somebody not signed in")
    try:
        UUID(caller)
    except ValueError:  # a service
        return _("Lokon itself")
    return _("somebody else")


@dataclass(frozen=True)
class Words:
    """Tells the changes of one appointment, with the names of what they speak of."""

    visit: Appointment
    masters: dict[UUID, str]
    services: dict[UUID, str]

    def what(self, entry: HistoryEntry) -> str:
        if entry.change == "changed" and "starts" in (entry.details or ()):
            return _("Moved")
        return _(CHANGES[entry.change]) if entry.change in CHANGES else entry.change

    def notes(self, entry: HistoryEntry) -> Iterator[str]:
        details = entry.details or {}
        if "starts" in details:
            yield self._when(details)
        if "segments" in details:
            yield from self._who_and_what(details["segments"])
        if "due" in details:
            yield _("Price: %(old)s → %(new)s", **self._amounts(details["due"]))
        for fact, word in AMOUNTS.items():
            if fact in details:
                yield f"{_(word)}: {self._amounts(details[fact])['new']}"
        if entry.reason:
            yield _("Why: %(reason)s", reason=entry.reason)
        if entry.health_reason:
            yield _("Booked against the card: %(reason)s", reason=entry.health_reason)

    def first_price(self, entries: Iterable[HistoryEntry]) -> Money:
        """What it was to cost when it was booked: from before the first change of it, else what it costs now."""
        changed = next((one.details["due"] for one in entries if one.details and "due" in one.details), None)
        return Money(changed["old"], self.visit.due.currency) if changed else self.visit.due

    def _amounts(self, values: dict[str, int]) -> dict[str, str]:
        return {when: formats.money(Money(value, self.visit.due.currency)) for when, value in values.items()}

    def _when(self, details: dict[str, Any]) -> str:
        old, new = (datetime.fromisoformat(details["starts"][when]) for when in ("old", "new"))
        there = me_look.clock(new) if new.date() == old.date() else f"{formats.day(new)}, {me_look.clock(new)}"
        return f"{formats.day(old)}, {me_look.clock(old)} → {there}"

    def _who_and_what(self, segments: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
        """Masters and services where they are others; and a length that is another, where nothing else says it."""
        for name, known in (("service_id", self.services), ("master_id", self.masters)):
            old, new = (", ".join(_names(segments[when], name, known)) for when in ("old", "new"))
            if old != new:
                yield f"{old} → {new}"
        old_minutes, new_minutes = (_minutes(segments[when]) for when in ("old", "new"))
        if old_minutes != new_minutes:
            yield f"{old_minutes} → {new_minutes} {_('min')}"


def _names(parts: Iterable[dict[str, Any]], name: str, known: dict[UUID, str]) -> list[str]:
    return list(dict.fromkeys(known.get(UUID(part[name]), "—") for part in parts))


def _minutes(parts: list[dict[str, Any]]) -> int:
    """How long it takes from the first beginning to the last end."""
    starts = min(datetime.fromisoformat(part["starts"]) for part in parts)
    ends = max(datetime.fromisoformat(part["ends"]) for part in parts)
    return int((ends - starts).total_seconds() // 60)
