"""When a master does not work although there is a shift, and when a master or a room takes nobody."""

from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response

from contracts.booking import (
    AbsenceKind,
    Branch,
    ChangeAbsence,
    ChangeBlock,
    CreateAbsence,
    CreateBlock,
    ListMasters,
    ListRooms,
    RemoveAbsence,
    RemoveBlock,
    ShowAbsence,
    ShowBlock,
    Stranded,
)
from gateway.pages.desk.day import branch_of
from gateway.pages.forms import Form, not_offered
from gateway.pages.languages import gettext as _
from gateway.pages.languages import noted
from gateway.pages.site import Area, done, shown
from gateway.pages.visitor import Visitor

KINDS = {
    "leave": noted("on leave"),
    "sick": noted("ill"),
    "absenteeism": noted("absent without leave"),
    "training": noted("at a training"),
    "other": noted("away for another reason"),
}
PARTS = "away days"

area = Area("shifts-away")


def kinds() -> list[tuple[str, str]]:
    return [(kind, _(text)) for kind, text in KINDS.items()]


# --- absences -------------------------------------------------------------------------------------------------------


@area.page("/shifts/absences/new", CreateAbsence)
def new_absence(visitor: Visitor, form: Form) -> Response:
    return _absence(visitor, branch_of(visitor, form.maybe_id("branch_id")), first=form.maybe_day("from"))


@area.page("/shifts/absences/<uuid:id>", ShowAbsence)
def absence(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    branch = branch_of(visitor, form.maybe_id("branch_id"))
    found, zone = visitor.ask(ShowAbsence(id)), ZoneInfo(branch.time_zone)
    return _absence(
        visitor, branch, absence=found, starts=found.starts.astimezone(zone), ends=found.ends.astimezone(zone)
    )


def _absence(visitor: Visitor, branch: Branch, **values: Any) -> Response:
    masters = [(one.id, one.name) for one in visitor.all(ListMasters) if one.active]
    may_remove = visitor.may(RemoveAbsence)
    return shown("shifts/absence.html", branch=branch, masters=masters, kinds=kinds(), may_remove=may_remove, **values)


@area.form("/shifts/absences", CreateAbsence)
def be_away(visitor: Visitor, form: Form) -> Response:
    zone = branch_of(visitor, form.maybe_id("branch_id")).time_zone
    made = visitor.ask(
        CreateAbsence(
            form.id("master_id"),
            _kind(form),
            form.instant("starts", zone),
            form.instant("ends", zone),
            form.maybe("reason"),
        ),
        form.key,
    )
    return done(_told(_("The absence is in the plan"), made.stranded), refresh=PARTS)


@area.form("/shifts/absences/<uuid:id>", ChangeAbsence)
def change_absence(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    zone = branch_of(visitor, form.maybe_id("branch_id")).time_zone
    changed = visitor.ask(
        ChangeAbsence(
            id,
            form.whole("version"),
            _kind(form),
            form.instant("starts", zone),
            form.instant("ends", zone),
            form.maybe("reason"),
        ),
        form.key,
    )
    return done(_told(_("The absence is changed"), changed.stranded), refresh=PARTS)


@area.form("/shifts/absences/<uuid:id>/remove", RemoveAbsence)
def remove_absence(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visitor.ask(RemoveAbsence(id, form.whole("version")), form.key)
    return done(_("The absence is removed"), refresh=PARTS)


def _kind(form: Form) -> AbsenceKind:
    return cast("AbsenceKind", form.one_of("kind", KINDS))


def _told(text: str, left: tuple[Stranded, ...]) -> str:
    """With how many appointments are left over, for whoever has to move them."""
    if not left:
        return text
    more = _("Appointments that lie in it: %(number)s. Move them at the desk.", number=len(left))
    return f"{text}. {more}"


# --- blocks ---------------------------------------------------------------------------------------------------------


@area.page("/shifts/blocks/new", CreateBlock)
def new_block(visitor: Visitor, form: Form) -> Response:
    return _block(visitor, branch_of(visitor, form.maybe_id("branch_id")), first=form.maybe_day("from"))


@area.page("/shifts/blocks/<uuid:id>", ShowBlock)
def block(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    return _block(visitor, branch_of(visitor, form.maybe_id("branch_id")), block=visitor.ask(ShowBlock(id)))


def _block(visitor: Visitor, branch: Branch, **values: Any) -> Response:
    whom = [(f"master:{one.id}", one.name) for one in visitor.all(ListMasters, branch_id=branch.id) if one.active]
    whom += [(f"room:{one.id}", one.name) for one in visitor.all(ListRooms, branch_id=branch.id) if one.active]
    return shown("shifts/block.html", branch=branch, whom=whom, may_remove=visitor.may(RemoveBlock), **values)


@area.form("/shifts/blocks", CreateBlock)
def make_block(visitor: Visitor, form: Form) -> Response:
    branch = branch_of(visitor, form.id("branch_id"))
    kind, _colon, text = form.text("whom").partition(":")
    try:
        whom = UUID(text)
    except ValueError:
        raise not_offered("whom") from None
    visitor.ask(
        CreateBlock(
            branch.id,
            form.instant("starts", branch.time_zone),
            form.instant("ends", branch.time_zone),
            form.text("reason"),
            master_id=whom if kind == "master" else None,
            room_id=whom if kind == "room" else None,
        ),
        form.key,
    )
    return done(_("The time is blocked"), refresh=PARTS)


@area.form("/shifts/blocks/<uuid:id>", ChangeBlock)
def change_block(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    zone = branch_of(visitor, form.id("branch_id")).time_zone
    changed = ChangeBlock(
        id, form.whole("version"), form.instant("starts", zone), form.instant("ends", zone), form.text("reason")
    )
    visitor.ask(changed, form.key)
    return done(_("The block is changed"), refresh=PARTS)


@area.form("/shifts/blocks/<uuid:id>/remove", RemoveBlock)
def remove_block(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visitor.ask(RemoveBlock(id, form.whole("version")), form.key)
    return done(_("The time is free again"), refresh=PARTS)
