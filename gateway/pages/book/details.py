"""The last step of the public page: who comes. What was typed stays, whatever stands against the booking."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response

from contracts.auth import ConfirmPhone, SendCode
from contracts.booking import (
    BookOnline,
    Contact,
    Hold,
    ReleaseHold,
    ShowHold,
    ShowOnlineAppointment,
    ShowOnlineSalon,
)
from contracts.clients import AgreedText, ListOnlineConsents
from gateway.exchange import remote_address
from gateway.pages import languages
from gateway.pages.book.choosing import Wish, added, wall_clock, wish_of
from gateway.pages.book.guests import manner, onwards, page, trouble
from gateway.pages.book.invitation import client_of
from gateway.pages.book.said import told, told_of_fields
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.site import Area
from gateway.pages.visitor import Visitor
from gateway.problems import status_of
from kernel.errors import Conflict, Invalid, Refusal

KEY_BYTES = 32
ONLINE = "online"
TYPED = ("first_name", "last_name", "phone", "comment", "promotion")
CARRIED = ("visit_key", "code_id", "code_phone", "confirmation", "confirmed_phone")

area = Area("booking")


@dataclass(frozen=True)
class Filled:
    """The form as it was filled in, and what it carries; `starts` is what is booked if it is sent."""

    wish: Wish
    starts: datetime
    hold_id: UUID | None
    values: dict[str, str]
    agreed: tuple[AgreedText, ...] = ()

    def but(self, **values: str) -> "Filled":
        return replace(self, values=self.values | values)

    @property
    def phone_confirmed(self) -> bool:
        return bool(self.values["confirmation"]) and self.values["confirmed_phone"] == self.values["phone"]

    @property
    def code_sent(self) -> bool:
        """Whether a code went to the phone that stands there now."""
        return bool(self.values["code_id"]) and self.values["code_phone"] == self.values["phone"]


@area.page("/book/<uuid:branch_id>/details")
def details(visitor: Visitor, form: Form, branch_id: UUID) -> Response:
    return shown_again(visitor, _filled(visitor, form, branch_id))


@area.form("/book/<uuid:branch_id>/details")
def book(visitor: Visitor, form: Form, branch_id: UUID) -> Response:
    """Book; where the branch wants it, after the phone was shown to be theirs."""
    filled = _filled(visitor, form, branch_id)
    if form.ticked("returned"):  # the page was loaded anew, and its tab knows of a code: nothing is sent or booked
        return shown_again(visitor, filled)
    try:
        if filled.wish.branch.confirm_phone and not filled.phone_confirmed:
            if not filled.code_sent or form.ticked("another"):
                return shown_again(visitor, _code_sent(visitor, filled))
            filled = _confirmed(visitor, filled, form)
        visitor.ask(_wanted(filled))
    except Refusal as refused:
        if isinstance(refused, Conflict) and _is_booked(visitor, filled):
            return _to_visit(filled)
        if refused.code == "confirmation_refused":
            filled = filled.but(confirmation="", code_id="")
        return shown_again(visitor, filled, refused)
    return _to_visit(filled)


@area.form("/book/<uuid:branch_id>/again")
def again(visitor: Visitor, form: Form, branch_id: UUID) -> Response:
    """To another time: what was held is free again, for this visitor too."""
    filled = _filled(visitor, form, branch_id)
    if filled.hold_id:
        visitor.ask_if(ReleaseHold(filled.hold_id))
    day = wall_clock(filled.starts, filled.wish.branch).date()
    return onwards(manner().address(filled.wish.path, *filled.wish.fields, ("day", day)))


def _filled(visitor: Visitor, form: Form, branch_id: UUID) -> Filled:
    wish = wish_of(visitor.ask(ShowOnlineSalon(branch_id)), branch_id, form)
    values = {name: form.maybe(name) or "" for name in (*TYPED, *CARRIED)}
    values["visit_key"] = values["visit_key"] or secrets.token_urlsafe(KEY_BYTES)
    instead = form.maybe("instead")  # one of the alternatives: no hold is of that
    starts = form.instant("instead" if instead else "starts", wish.branch.time_zone)
    return Filled(wish, starts, None if instead else form.maybe_id("hold"), values, _agreed(form))


def _agreed(form: Form) -> tuple[AgreedText, ...]:
    """The texts that were ticked, `purpose:version` each; what is none of them is none."""
    said = (text.partition(":") for text in form.texts("agree"))
    return tuple(AgreedText(purpose, int(version)) for purpose, _colon, version in said if _is_version(version))


def _is_version(text: str) -> bool:
    return text.isdecimal() and len(text) <= 6


def _wanted(filled: Filled) -> BookOnline:
    values = filled.values
    promotion = values["promotion"]
    return BookOnline(
        filled.wish.branch.id,
        filled.starts,
        filled.wish.segments,
        Contact(values["first_name"], values["phone"], values["last_name"] or None),
        hold_id=filled.hold_id,
        channel=manner().source or ONLINE,
        comment=values["comment"] or None,
        key=values["visit_key"],
        codes=(promotion,) if promotion else (),
        confirmation=values["confirmation"] if filled.phone_confirmed else None,
        invited_by=client_of(manner().brought_by),
        consents=filled.agreed,
    )


def _is_booked(visitor: Visitor, filled: Filled) -> bool:
    """Whether the form was sent before: a button pressed twice, or an answer that was lost on the way."""
    return visitor.ask_if(ShowOnlineAppointment(filled.values["visit_key"])) is not None


def _to_visit(filled: Filled) -> Response:
    """The key stands behind a #, which browsers keep to themselves."""
    return onwards(f"{manner().address('/visit', ('done', '1'))}#{filled.values['visit_key']}")


# --- the phone ------------------------------------------------------------------------------------------------------


def _code_sent(visitor: Visitor, filled: Filled) -> Filled:
    phone = filled.values["phone"]
    sent = visitor.ask(SendCode(phone, "booking", languages.chosen(), remote_address()))
    return filled.but(code_id=str(sent.id), code_phone=phone)


def _confirmed(visitor: Visitor, filled: Filled, form: Form) -> Filled:
    digits = "".join(letter for letter in form.text("code") if letter.isdecimal())
    if len(digits) != 6 or not digits.isascii():
        raise Invalid.field("code", "code_wrong", _("This is not the code. Look at the message again."))
    found = visitor.ask(ConfirmPhone(form.id("code_id"), digits, remote_address()))
    return filled.but(confirmation=found.confirmation, confirmed_phone=filled.values["phone"])


# --- the page -------------------------------------------------------------------------------------------------------


def shown_again(visitor: Visitor, filled: Filled, refused: Refusal | None = None) -> Response:
    """The form as it was filled in; above it what stands against it, and times that are free instead."""
    wish = filled.wish
    if not wish.services:
        return trouble(_("None of these services can be booked here any more. Begin anew."), 404)
    held, booked = _held(visitor, filled.hold_id)
    if booked and refused is None:
        return page("book/booked.html", wish=wish)
    asked = visitor.ask_if(ListOnlineConsents())
    return page(
        "book/details.html",
        status=status_of(refused) if refused else 200,
        text=told(refused) if refused else "",
        wrong=told_of_fields(refused) if refused else {},
        alternatives=_alternatives(refused, wish),
        wish=wish,
        starts=wall_clock(filled.starts, wish.branch),
        hold=None if isinstance(refused, Conflict) else held,  # whatever is kept then is of no use
        hold_id=filled.hold_id,
        run_out=filled.hold_id is not None and held is None,
        masters=_masters(wish, held),
        price=added(segment.price for segment in held.segments) if held else wish.price,
        price_most=None if held else wish.price_most,
        values=filled.values,
        consents=asked.items if asked else (),
        agreed={(each.purpose, each.version) for each in filled.agreed},
        wants_code=wish.branch.confirm_phone,
        code_sent=filled.code_sent and not filled.phone_confirmed,
    )


def _held(visitor: Visitor, hold_id: UUID | None) -> tuple[Hold | None, bool]:
    """The hold as long as it keeps the time, and whether it was booked: by whoever comes back to the form."""
    try:
        return (visitor.ask(ShowHold(hold_id)), False) if hold_id else (None, False)
    except Refusal as refused:
        return None, refused.code == "hold_booked"


def _masters(wish: Wish, held: Hold | None) -> list[str]:
    names = {master.id: master.name for master in wish.everybody}
    ids = [segment.master_id for segment in held.segments] if held else [wish.master.id] if wish.master else []
    return [names[each] for each in dict.fromkeys(ids) if each in names]


def _alternatives(refused: Refusal | None, wish: Wish) -> list[datetime]:
    found: list[dict[str, Any]] = refused.details.get("alternatives", []) if refused else []
    return [wall_clock(datetime.fromisoformat(each["starts"]), wish.branch) for each in found]
