"""What a client does by themselves with their visits."""

from contracts.booking import ListOwnAppointments, MoveOwnAppointment, ShowOwnAppointment
from gateway.route import Area

area = Area("own", "A client's own visits")
expose = area.expose

expose("GET", "/my/appointments", ListOwnAppointments, "The caller's own visits")
expose("GET", "/my/appointments/<uuid:id>", ShowOwnAppointment, "One of them", resource=ShowOwnAppointment)
expose("POST", "/my/appointments/<uuid:id>/move", MoveOwnAppointment, "Move it", resource=ShowOwnAppointment)
