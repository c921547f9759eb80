"""The public pages together, and the one script by which another site shows them."""

import flask
from flask import Blueprint, Response

from gateway.pages.book import choosing, details, visit
from gateway.pages.book.guests import Guests
from gateway.pages.book.times import at_branch
from gateway.pages.site import Site

AREAS = (choosing.area, details.area, visit.area)
AN_HOUR = "public, max-age=3600"


def mount(blueprint: Blueprint, site: Site, hosts: tuple[str, ...]) -> None:
    """All public pages, and the widget's script under an address that stays."""
    guests = Guests(site, hosts)
    for area in AREAS:
        guests.mount(blueprint, area)
    blueprint.add_app_template_filter(at_branch, "at_branch")

    @blueprint.get("/widget.js")
    def widget() -> Response:
        response = flask.current_app.send_static_file("widget.js")
        response.headers["Cache-Control"] = AN_HOUR
        return response
