"""How the salon shows itself on every page: its name, its logo, and a sheet of its colour that everybody can read."""

import re

import flask
from flask import Blueprint, Response

from chassis.wire import decoder
from contracts.booking import Brand, ShowBrand
from gateway.bus import reply_of
from gateway.exchange import Gateway
from gateway.pages.salon_colours import sheet
from kernel.errors import Refusal

PLAIN = Brand(None, None, None)
FOREVER = "public, max-age=31536000, immutable"
_COLOUR = re.compile("[0-9a-f]{6}")


def mount(blueprint: Blueprint) -> None:
    """The sheet of a colour; the colour is its address, so that it never changes and asks nobody."""

    @blueprint.get("/colours/<colour>.css")
    def colours(colour: str) -> Response:
        if not _COLOUR.fullmatch(colour):
            return Response(status=404, content_type="text/plain")
        return Response(sheet(f"#{colour}"), content_type="text/css", headers={"Cache-Control": FOREVER})


def brand_of(gateway: Gateway) -> Brand:
    """The brand, asked for once in a request; a page can do without it."""
    if "brand" not in flask.g:
        flask.g.brand = _asked(gateway) if ShowBrand.owner in gateway.installed else PLAIN
    brand: Brand = flask.g.brand
    return brand


def _asked(gateway: Gateway) -> Brand:
    try:
        found: Brand = decoder(Brand)(bytes(reply_of(gateway.bus.ask(ShowBrand(), None))))
    except Refusal:
        return PLAIN
    return found
