"""Signing in and out, and how the pages look on this device: language and theme."""

from contextlib import suppress
from urllib.parse import urlsplit

import flask
from flask import Blueprint, Response

from chassis.wire import decoder
from contracts.auth import Session, SignIn
from gateway.bus import reply_of
from gateway.exchange import remote_address
from gateway.pages import me_look, sentences
from gateway.pages.cookies import SignedIn, sign_out_quietly
from gateway.pages.forms import Form
from gateway.pages.site import DOOR, DOOR_OF_CLIENTS, Area, Site, done, seen_at, shown
from gateway.pages.visitor import Visitor
from gateway.problems import status_of
from kernel.errors import Forbidden, Invalid, Refusal, Unauthenticated

area = Area("door")


@area.form("/sign-out")
def sign_out(visitor: Visitor, _form: Form) -> Response:
    sign_out_quietly(flask.g.session, visitor.token)
    return seen_at(DOOR_OF_CLIENTS if visitor.is_client else DOOR)


def mount(blueprint: Blueprint, site: Site) -> None:
    """The addresses for those who are not signed in yet."""

    @blueprint.get("/sign-in")
    def sign_in() -> Response:
        flask.g.csrf = site.tokens.of_door()
        return site.dressed(shown("door/sign_in.html", to=own_address(flask.request.args.get("to")), login="", text=""))

    @blueprint.post("/sign-in")
    def start() -> Response:
        form, over = Form(), flask.request.headers.get("HX-Request") == "true"
        session = SignedIn(site.gateway, site.session_days)
        flask.g.csrf = site.tokens.of_door()
        try:
            site.tokens.check(flask.g.csrf)
            begun = _signed_in(site, form)
            caller = session.begin(begun)
        except Refusal as refused:
            return site.dressed(_again(form, refused, over=over))
        response = done("", csrf=site.tokens.of(caller)) if over else seen_at(own_address(form.maybe("to")))
        me_look.follow(response, begun.user.look)
        session.tell(response)
        return site.dressed(response)

    @blueprint.post("/look")
    def look() -> Response:
        """This device keeps it, so nobody need be signed in for it; of whoever is, their account does, too."""
        if flask.request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            raise Forbidden("form_foreign", "this form was not made for you")
        form = Form()
        response = seen_at(own_address(form.maybe("to")))
        values = me_look.said(form)
        me_look.keep(response, values)
        session = SignedIn(site.gateway, site.session_days)
        with suppress(Refusal):  # a device that cannot tell it now keeps it all the same
            caller, token = session.caller(flask.request)
            Visitor(site.gateway, caller, token).ask(me_look.change(values))
        session.tell(response)
        return response


def _signed_in(site: Site, form: Form) -> Session:
    site.gateway.throttle.take(flask.request.remote_addr or "")
    login, password = form.text("login"), flask.request.form.get("password", "")
    if not password or len(password) > 1_000 or len(login) > 200:
        raise Unauthenticated("sign_in_failed", "the login or the password is wrong")
    asked = SignIn(login, password, address=remote_address())
    session: Session = decoder(Session)(bytes(reply_of(site.gateway.bus.ask(asked, None))))
    return session


def _again(form: Form, refused: Refusal, *, over: bool) -> Response:
    status, text = status_of(refused), sentences.sentence(refused)
    if isinstance(refused, Invalid):
        text = next(iter(sentences.of_fields(refused).values()), text)
    login = form.maybe("login") or ""
    if over:
        response = shown("door/over.html", status=status, text=text, login=login)
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#over", "innerHTML"
        return response
    return shown("door/sign_in.html", status=status, text=text, login=login, to=own_address(form.maybe("to")))


def own_address(to: str | None, otherwise: str = "/") -> str:
    """An address of this site: whoever signs in is sent nowhere else."""
    if not to or "\\" in to or any(ord(letter) < 33 for letter in to):
        return otherwise
    parts = urlsplit(to)
    return to if to.startswith("/") and not to.startswith("//") and not parts.scheme and not parts.netloc else otherwise
