"""What the visits of a client tell, and everything else that happened with them."""

from contracts.clients import ShowClient, ShowClientRevenue, ShowHabits, ShowTimeline, ShowVisitHistory
from gateway.route import Area

area = Area("client visits", "What the visits of a client tell")
expose = area.expose

CLIENT = "/clients/<uuid:client_id>"

expose("GET", f"{CLIENT}/history", ShowVisitHistory, "A client's visits with totals", resource=ShowClient)
expose("GET", f"{CLIENT}/revenue", ShowClientRevenue, "Revenue by service, master or month", resource=ShowClient)
expose("GET", f"{CLIENT}/habits", ShowHabits, "What a client usually wants, with evidence", resource=ShowClient)
expose("GET", "/clients/<uuid:id>/timeline", ShowTimeline, "Everything that happened, in order", resource=ShowClient)
