"""Seasons, hours of the week and forecasts, on the wire."""

from sqlalchemy.orm import Session

from chassis.messaging import every, serves
from contracts.analytics import HeatMap, Seasonality, ShowForecast, ShowHeatMap, ShowSeasonality, VisitForecast
from kernel.caller import Caller
from kernel.time import utc_now
from services.analytics import queries, usecases


class Seasons:
    @serves(ShowSeasonality)
    def show_seasonality(self, session: Session, request: ShowSeasonality, caller: Caller) -> Seasonality:
        return queries.seasonality(session, request, utc_now().date(), caller)

    @serves(ShowHeatMap)
    def show_heat_map(self, session: Session, request: ShowHeatMap, caller: Caller) -> HeatMap:
        return queries.heat_map(session, request, utc_now(), caller)

    @serves(ShowForecast)
    def show_forecast(self, session: Session, request: ShowForecast, caller: Caller) -> VisitForecast:
        return queries.visit_forecast(session, request, utc_now().date(), caller)

    @every(60.0)
    def foresee(self, session: Session) -> bool:
        return usecases.foresee(session, utc_now().date())
