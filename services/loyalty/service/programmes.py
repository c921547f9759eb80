"""Programmes on the wire."""

from sqlalchemy.orm import Session

from chassis.messaging import every, serves
from contracts import loyalty as wire
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.loyalty.queries import programmes as queries
from services.loyalty.usecases import programmes
from services.loyalty.usecases.asking import Asked
from services.loyalty.usecases.recalculation import judge_anew


class Programmes:
    @serves(wire.ShowProgramme)
    def show_programme(self, session: Session, request: wire.ShowProgramme, caller: Caller) -> wire.Programme:
        return queries.show(session, request, caller, utc_now())

    @serves(wire.ListProgrammes)
    def list_programmes(self, session: Session, request: wire.ListProgrammes, _caller: Caller) -> Page[wire.Programme]:
        return queries.versions(session, request)

    @serves(wire.ShowProgrammeVersion)
    def show_programme_version(
        self, session: Session, request: wire.ShowProgrammeVersion, _caller: Caller
    ) -> wire.Programme:
        return queries.version(session, request.id, utc_now())

    @serves(wire.PublishProgramme, first=programmes.ask_of_document)
    def publish_programme(
        self, session: Session, request: wire.PublishProgramme, caller: Caller, asked: Asked
    ) -> wire.Programme:
        return programmes.publish(session, request, asked, caller, utc_now())

    @serves(wire.EndProgramme)
    def end_programme(self, session: Session, request: wire.EndProgramme, caller: Caller) -> wire.Programme:
        return programmes.end(session, request, caller, utc_now())

    @every(5.0)
    def judge_anew(self, session: Session) -> bool:
        return judge_anew(session, utc_now())
