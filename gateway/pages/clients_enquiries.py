"""What people wrote through forms on the salon's site, until somebody has answered."""

from uuid import UUID

from flask import Response

from contracts.clients import ChangeEnquiry, ListEnquiries
from contracts.message import CONTACTS
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.site import Area, done, shown
from gateway.pages.visitor import Visitor

STATES = ("open", "done")

area = Area("clients-enquiries")


@area.page("/clients/enquiries", ListEnquiries)
def enquiries(visitor: Visitor, form: Form) -> Response:
    state = form.maybe_one_of("state", STATES) or "open"
    found = visitor.ask(ListEnquiries(state, limit=20, cursor=form.maybe("cursor")))  # type: ignore[arg-type]
    return shown(
        "clients/enquiries.html",
        found=found,
        state=state,
        sees_contacts=visitor.caller.sees(CONTACTS),
        may_change=visitor.may(ChangeEnquiry),
    )


@area.form("/clients/enquiries/<uuid:id>", ChangeEnquiry)
def change(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    state = form.one_of("state", STATES)
    visitor.ask(ChangeEnquiry(id, form.whole("version"), state), form.key)  # type: ignore[arg-type]
    return done(_("Noted as answered") if state == "done" else _("Noted as open"), refresh="enquiries")
