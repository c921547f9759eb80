"""Series on the wire."""

from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from chassis.messaging import serves
from contracts import booking as wire
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.booking.queries import series as seen
from services.booking.service.patience import patient
from services.booking.usecases import series
from services.booking.usecases.asking import Asked, Call
from services.booking.usecases.quoting import ask_about_visit, of_wanted


def ask_for_series(call: Call, request: wire.BookSeries | wire.PreviewSeries, _caller: Caller) -> Asked:
    """Priced is the first visit; what holds for any visit of the client is promised for all of them."""
    with call.reads() as session:
        pricing = of_wanted(session, request.branch_id, request.starts, request.segments)
    return ask_about_visit(patient(call), request.client_id, [part.service_id for part in request.segments], pricing)


def ask_for_change(call: Call, request: wire.ChangeSeries | wire.PreviewSeriesChange, _caller: Caller) -> Asked:
    with call.reads() as session:
        found = seen.whose(session, request.id)
        if found is None:
            return Asked("unknown")
        wanted = request.segments or found.segments
        pricing = of_wanted(session, found.branch_id, found.starts, wanted)
    return ask_about_visit(patient(call), found.client_id, [part.service_id for part in wanted], pricing)


class Series:
    keyring: Keyring

    @serves(wire.PreviewSeries, first=ask_for_series)
    def preview_series(
        self, session: Session, request: wire.PreviewSeries, caller: Caller, asked: Asked
    ) -> wire.SeriesPreview:
        return series.preview(session, request, caller, asked, utc_now())

    @serves(wire.BookSeries, first=ask_for_series)
    def book_series(self, session: Session, request: wire.BookSeries, caller: Caller, asked: Asked) -> wire.Series:
        return series.book(session, self.keyring, request, caller, asked, utc_now())

    @serves(wire.ShowSeries)
    def show_series(self, session: Session, request: wire.ShowSeries, caller: Caller) -> wire.Series:
        since = caller.history_from(utc_now().date())
        return seen.show_series(session, request.id, caller, caller.must("appointments.read"), since)

    @serves(wire.ListSeries)
    def list_series(self, session: Session, request: wire.ListSeries, caller: Caller) -> Page[wire.Series]:
        since = caller.history_from(utc_now().date())
        return seen.list_series(session, request, caller, caller.must("appointments.read"), since)

    @serves(wire.PreviewSeriesChange, first=ask_for_change)
    def preview_series_change(
        self, session: Session, request: wire.PreviewSeriesChange, caller: Caller, asked: Asked
    ) -> wire.SeriesPreview:
        return series.preview_change(session, request, caller, asked, utc_now())

    @serves(wire.ChangeSeries, first=ask_for_change)
    def change_series(self, session: Session, request: wire.ChangeSeries, caller: Caller, asked: Asked) -> wire.Series:
        return series.change(session, self.keyring, request, caller, asked, utc_now())

    @serves(wire.CancelSeries)
    def cancel_series(self, session: Session, request: wire.CancelSeries, caller: Caller) -> wire.Series:
        return series.cancel(session, self.keyring, request, caller, utc_now())
