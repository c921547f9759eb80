"""The salon itself: its name, its logo and colour, and the currency that its prices are in."""

from uuid import UUID

from flask import Response
from msgspec import UNSET, UnsetType

from contracts.booking import AddPicture, ChangeSettings, ShowSettings
from gateway.pages.forms import Form
from gateway.pages.settings import within
from gateway.pages.site import Area, seen_at
from gateway.pages.uploads import Upload
from gateway.pages.visitor import Visitor

LOGO = Upload("logo")
COLOURS = (
    "#7a3e5d",
    "#9c2f4b",
    "#b4552d",
    "#8a6a16",
    "#3f6b3a",
    "#0b6e6e",
    "#20598f",
    "#4b3f9e",
    "#3d3d46",
)  # first: Lokon's own

area = Area("salon")


@area.page("/settings/salon", ShowSettings, ChangeSettings)
def salon(visitor: Visitor, _form: Form) -> Response:
    return within(visitor, "salon/page.html", salon=visitor.ask(ShowSettings()), logo=LOGO, colours=COLOURS)


@area.form("/settings/salon", ChangeSettings, AddPicture, takes=LOGO)
def change(visitor: Visitor, form: Form) -> Response:
    sent = form.maybe_file(LOGO)
    logo_id: UUID | UnsetType | None = None if form.ticked("no_logo") else UNSET
    if sent is not None:
        logo_id = visitor.ask(AddPicture(sent[1]), f"{form.key}-logo").id
    colour = form.text("colour").lower()
    currency = form.maybe("currency")
    changed = ChangeSettings(
        form.whole("version"),
        currency=currency.upper() if currency else UNSET,
        name=form.maybe("name"),
        logo_id=logo_id,
        colour=None if colour == COLOURS[0] else colour,
    )
    visitor.ask(changed, form.key)
    return seen_at("/settings/salon")
