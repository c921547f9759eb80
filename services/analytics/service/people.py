"""Who comes again, on the wire."""

from sqlalchemy.orm import Session

from chassis.messaging import every, serves
from contracts import analytics as wire
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.analytics.queries import awaited, no_shows, people, standings, worth
from services.analytics.usecases.standings import judge
from services.analytics.usecases.state_borders import change_borders


class People:
    @serves(wire.ShowSegments)
    def show_segments(self, session: Session, request: wire.ShowSegments, caller: Caller) -> wire.Segments:
        return standings.segments(session, request, caller)

    @serves(wire.ListStandings)
    def list_standings(
        self, session: Session, request: wire.ListStandings, caller: Caller
    ) -> Page[wire.ClientStanding]:
        return standings.standings(session, request, caller)

    @serves(wire.ShowChurn)
    def show_churn(self, session: Session, request: wire.ShowChurn, caller: Caller) -> wire.Churn:
        return standings.churn(session, request, caller)

    @serves(wire.ShowChurnSettings)
    def show_churn_settings(
        self,
        session: Session,
        request: wire.ShowChurnSettings,  # noqa: ARG002
        caller: Caller,
    ) -> wire.ChurnSettings:
        return standings.churn_settings(session, caller)

    @serves(wire.ChangeChurnSettings)
    def change_churn_settings(
        self, session: Session, request: wire.ChangeChurnSettings, caller: Caller
    ) -> wire.ChurnSettings:
        return change_borders(session, request, caller)

    @serves(wire.ShowLifetimeValue)
    def show_lifetime_value(
        self, session: Session, request: wire.ShowLifetimeValue, caller: Caller
    ) -> wire.LifetimeValue:
        return worth.lifetime_value(session, request, caller)

    @serves(wire.ShowPeople)
    def show_people(self, session: Session, request: wire.ShowPeople, caller: Caller) -> wire.People:
        return people.people(session, request, caller)

    @serves(wire.ShowNoShows)
    def show_no_shows(self, session: Session, request: wire.ShowNoShows, caller: Caller) -> wire.NoShows:
        return no_shows.no_shows(session, request, caller)

    @serves(wire.ListLikelyNoShows)
    def list_likely_no_shows(
        self, session: Session, request: wire.ListLikelyNoShows, caller: Caller
    ) -> wire.LikelyNoShows:
        return awaited.likely_no_shows(session, request, caller, utc_now())

    @every(60.0)
    def judge_clients(self, session: Session) -> bool:
        """Everybody once a day; meanwhile whoever came."""
        return judge(session, utc_now())
