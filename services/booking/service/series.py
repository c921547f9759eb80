"""Series on the wire."""

from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from chassis.messaging import serves
from contracts import booking as wire
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.booking.queries import series as seen
from services.booking.usecases import series
from services.booking.usecases.asking import Asked, Call, ask_about


def ask_for_series(call: Call, request: wire.BookSeries | wire.PreviewSeries, _caller: Caller) -> Asked:
    return ask_about(call, request.client_id, [part.service_id for part in request.segments])


def ask_for_change(call: Call, request: wire.ChangeSeries | wire.PreviewSeriesChange, _caller: Caller) -> Asked:
    with call.reads() as session:
        found = seen.whose(session, request.id)
    if found is None:
        return Asked("unknown")
    client_id, segments = found
    return ask_about(call, client_id, [part.service_id for part in request.segments or segments])


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
