"""Sorting on the wire, and the clock that tells clients of it."""

from sqlalchemy.orm import Session

from chassis.messaging import every, serves
from contracts.loyalty import ClientSorting, ShowSorting
from kernel.caller import Caller
from kernel.time import utc_now
from services.loyalty.queries.sorting import show_sorting
from services.loyalty.usecases.sorting import sort_due


class Sortings:
    @serves(ShowSorting)
    def show_sorting(self, session: Session, request: ShowSorting, caller: Caller) -> ClientSorting:
        return show_sorting(session, request.client_id, caller, utc_now())

    @every(5.0)
    def sort_due(self, session: Session) -> bool:
        return sort_due(session, utc_now())
