"""Calendars that other programs subscribe to."""

from contracts.booking import CreateFeed, ListFeeds, ReadFeed, RevokeFeed, ShowFeed
from gateway.route import Area, File

CALENDAR = "text/calendar; charset=utf-8"
APPOINTMENT = File(CALENDAR, name="appointment.ics")

area = Area("calendars", "Calendars for other programs")
expose = area.expose

expose("GET", "/calendar-feeds", ListFeeds, "List feeds")
expose("POST", "/calendar-feeds", CreateFeed, "Make a feed, whose secret address is told once", status=201)
expose("GET", "/calendar-feeds/<uuid:id>", ShowFeed, "Show a feed", resource=ShowFeed)
expose("POST", "/calendar-feeds/<uuid:id>/revoke", RevokeFeed, "Revoke a feed", resource=ShowFeed)
expose("GET", "/calendar-feeds/read.ics", ReadFeed, "The calendar of a key", file=File(CALENDAR, name="calendar.ics"))
