"""Simulations on the wire."""

from functools import cached_property

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from chassis.messaging import every, serves
from contracts import loyalty as wire
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.loyalty.queries import simulations as queries
from services.loyalty.usecases import simulations
from services.loyalty.usecases.asking import Asked
from services.loyalty.usecases.programmes import ask_of_document
from services.loyalty.usecases.simulator import Simulator


class Simulations:
    @cached_property
    def simulator(self) -> Simulator:
        return Simulator()

    @serves(wire.SimulateProgramme, first=ask_of_document)
    def simulate_programme(
        self, session: Session, request: wire.SimulateProgramme, caller: Caller, asked: Asked
    ) -> wire.Simulation:
        return simulations.simulate(session, request, asked, caller, utc_now())

    @serves(wire.ShowSimulation)
    def show_simulation(self, session: Session, request: wire.ShowSimulation, caller: Caller) -> wire.Simulation:
        return queries.show(session, request.id, caller)

    @serves(wire.ListSimulations)
    def list_simulations(
        self, session: Session, request: wire.ListSimulations, caller: Caller
    ) -> Page[wire.Simulation]:
        return queries.simulations_seen(session, request, caller)

    @serves(wire.ListSimulationDifferences)
    def list_simulation_differences(
        self, session: Session, request: wire.ListSimulationDifferences, caller: Caller
    ) -> Page[wire.VisitDifference]:
        return queries.differences_of(session, request, caller)

    @every(1.0)
    def simulate_aside(self, session: Session) -> bool:
        """See to it that somebody works off what waits."""
        if not self.simulator.is_at_work and simulations.is_work_waiting(session, utc_now()):
            engine = session.get_bind()
            assert isinstance(engine, Engine)
            self.simulator.start(engine.url.render_as_string(hide_password=False))
        return False
