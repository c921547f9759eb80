"""Suggestions on the wire."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts import booking as wire
from kernel.caller import Caller
from kernel.time import utc_now
from services.booking.usecases import suggestions
from services.booking.usecases.asking import Asked, Call, ask_standing


def ask_for_suggestions(call: Call, request: wire.SuggestVisit, _caller: Caller) -> Asked:
    return ask_standing(call, request.client_id)


class Suggestions:
    @serves(wire.SuggestVisit, first=ask_for_suggestions)
    def suggest_visit(
        self, session: Session, request: wire.SuggestVisit, caller: Caller, asked: Asked
    ) -> wire.Suggestions:
        return suggestions.suggest(session, suggestions.Question(request, caller, asked, utc_now()))
