"""The operators' outbox: codes that somebody has to tell clients, as long as no channel sends them."""

from typing import Any

from flask import Response

from contracts.auth import ListOutgoingCodes
from gateway.pages.forms import Form
from gateway.pages.languages import noted as _
from gateway.pages.site import Area, shown
from gateway.pages.visitor import Visitor
from kernel.time import utc_now

PURPOSES = {"sign_in": _("to sign in"), "booking": _("to book")}

area = Area("outbox")


@area.page("/codes", ListOutgoingCodes)
def outbox(visitor: Visitor, form: Form) -> Response:
    return shown("outbox/page.html", **_waiting(visitor, form))


@area.page("/codes/waiting", ListOutgoingCodes)
def waiting(visitor: Visitor, form: Form) -> Response:
    """The part of the page that asks for itself every few seconds."""
    return shown("outbox/waiting.html", **_waiting(visitor, form))


def _waiting(visitor: Visitor, form: Form) -> dict[str, Any]:
    found = visitor.ask(ListOutgoingCodes(cursor=form.maybe("cursor")))
    now = utc_now()
    left = {each.id: max(1, int((each.expires_at - now).total_seconds() // 60)) for each in found.items}
    return {"found": found, "left": left, "purposes": PURPOSES}
