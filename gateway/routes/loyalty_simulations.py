"""Rules tried over the real history."""

from contracts.loyalty import ListSimulationDifferences, ListSimulations, ShowSimulation, SimulateProgramme
from gateway.route import Area

area = Area("loyalty simulations", "Rules tried over the real history")
expose = area.expose

SIMULATION = "/loyalty/simulations/<uuid:id>"

expose("POST", "/loyalty/programme/simulate", SimulateProgramme, "Try rules over the real history", status=202)
expose("GET", "/loyalty/simulations", ListSimulations, "List simulations")
expose("GET", SIMULATION, ShowSimulation, "Show a simulation and what came of it", resource=ShowSimulation, names=True)
expose(
    "GET",
    f"{SIMULATION}/differences",
    ListSimulationDifferences,
    "List visits on which booking took off something else",
    resource=ShowSimulation,
    names=True,
)
