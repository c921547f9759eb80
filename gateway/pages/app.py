"""The table of contents of the web application: every area, and what templates know."""

import flask
from flask import Blueprint, Flask, Response

from contracts.analytics import ListDashboards
from contracts.booking import ListAppointments
from gateway.exchange import Gateway
from gateway.pages import (
    clients,
    clients_edit,
    clients_enquiries,
    clients_files,
    clients_leaving,
    clients_merge,
    clients_money,
    clients_parts,
    clocks,
    door,
    formats,
    languages,
    lost,
    masters,
    me,
    outbox,
    own,
    own_benefits,
    own_data,
    own_door,
    salon_brand,
    search,
)
from gateway.pages.book import public
from gateway.pages.dashboards import arranging as dashboard_arranging
from gateway.pages.dashboards import pages as dashboards
from gateway.pages.dashboards import widgets as dashboard_widgets
from gateway.pages.desk import booking, day, free, history, moving, paying, visit, waiting
from gateway.pages.figures import pages as figures
from gateway.pages.figures import people as figures_people
from gateway.pages.figures import segments
from gateway.pages.figures import sources as figures_sources
from gateway.pages.forms import Form
from gateway.pages.loyalty import areas as loyalty
from gateway.pages.menu import menu
from gateway.pages.reports import areas as reports
from gateway.pages.settings_areas import AREAS as SETTINGS
from gateway.pages.site import Area, Site, seen_at, shown, words_of_pages
from gateway.pages.tokens import FormTokens
from gateway.pages.visitor import Visitor

home = Area("home")


@home.page("/")
def start(visitor: Visitor, _form: Form) -> Response:
    """Where a visitor's day begins."""
    if masters.is_master(visitor):
        return seen_at("/mine")
    for address, kind in (("/dashboard", ListDashboards), ("/desk", ListAppointments)):
        if visitor.may(kind):
            return seen_at(address)
    return shown("nothing.html")


AREAS: tuple[Area, ...] = (
    home,
    door.area,
    own.area,
    own_benefits.area,
    own_data.area,
    outbox.area,
    day.area,
    booking.area,
    visit.area,
    paying.area,
    moving.area,
    history.area,
    free.area,
    waiting.area,
    clients.area,
    clients_parts.area,
    clients_edit.area,
    clients_enquiries.area,
    clients_files.area,
    clients_leaving.area,
    clients_merge.area,
    clients_money.area,
    search.area,
    masters.area,
    me.area,
    dashboard_widgets.area,
    dashboard_arranging.area,
    dashboards.area,
    figures_sources.area,
    figures_people.area,
    segments.area,
    figures.area,
    *loyalty.AREAS,
    *reports.AREAS,
    *SETTINGS,
)


def mount(
    app: Flask,
    gateway: Gateway,
    *,
    secret: bytes,
    session_days: int,
    live_url: str | None = None,
    widget_hosts: tuple[str, ...] = (),
) -> None:
    """Put all pages into the application."""
    site = Site(gateway, FormTokens(secret), session_days, live_url)
    blueprint = Blueprint("pages", __name__)
    for area in AREAS:
        site.mount(blueprint, area)
    door.mount(blueprint, site)
    own_door.mount(blueprint, site)
    public.mount(blueprint, site, widget_hosts)
    salon_brand.mount(blueprint)
    app.register_blueprint(blueprint)
    lost.mount(app)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(languages.gettext, languages.plural, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(formats.FILTERS | {"local": clocks.local})
    app.jinja_env.globals["menu"] = menu
    app.jinja_env.globals["live_url"] = live_url or ""
    app.jinja_env.globals["salon_brand"] = lambda: salon_brand.brand_of(gateway)
    app.context_processor(words_of_pages)
    app.jinja_env.globals["here"] = lambda: flask.request.full_path.rstrip("?")
