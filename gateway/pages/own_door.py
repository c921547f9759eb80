"""How a client signs in: a phone, the code that was sent to it, and whose card it is where several have the phone."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import flask
from flask import Blueprint, Response

from chassis.wire import decoder
from contracts.auth import CodeSignIn, OfferedCard, SendCode, SentCode, SignInWithCode
from contracts.message import Request
from gateway.bus import reply_of
from gateway.exchange import remote_address
from gateway.pages import languages, sentences
from gateway.pages.cookies import SignedIn
from gateway.pages.door import own_address
from gateway.pages.forms import Form
from gateway.pages.site import DOOR_OF_CLIENTS, Site, seen_at, shown
from gateway.problems import status_of
from kernel.errors import Conflict, Invalid, Refusal

DOOR = DOOR_OF_CLIENTS
PHONE = "lokon_phone"  # what was typed, for the minutes between the two steps; an address would keep it longer
TEN_MINUTES = 600
NO_CARD = "card_missing"


def mount(blueprint: Blueprint, site: Site) -> None:
    """The addresses for clients who are not signed in yet."""

    @blueprint.get(DOOR)
    def client_door() -> Response:
        return _page(site, "own/sign_in.html", phone=flask.request.cookies.get(PHONE, ""))

    @blueprint.post(f"{DOOR}/code")
    def send_code() -> Response:
        form = Form()
        phone = form.maybe("phone") or ""
        try:
            _check(site)
            sent = _ask(site, SentCode, SendCode(form.text("phone"), "sign_in", languages.chosen(), remote_address()))
        except Refusal as refused:
            return _page(site, "own/sign_in.html", phone=phone, refused=refused)
        response = seen_at(_step(f"{DOOR}/code", id=str(sent.id), to=form.maybe("to")))
        secure = flask.request.is_secure
        response.set_cookie(PHONE, phone, max_age=TEN_MINUTES, secure=secure, httponly=True, samesite="Lax", path=DOOR)
        return response

    @blueprint.get(f"{DOOR}/code")
    def code() -> Response:
        sent_id = flask.request.args.get("id", "")
        return _page(site, "own/code.html", id=sent_id, phone=flask.request.cookies.get(PHONE, ""))

    @blueprint.post(DOOR)
    def begin_own_session() -> Response:
        form, session = Form(), SignedIn(site.gateway, site.session_days)
        phone = flask.request.cookies.get(PHONE, "")
        try:
            _check(site)
            found = _ask(site, CodeSignIn, _wanted(form))
        except Refusal as refused:
            if isinstance(refused, Conflict) and refused.code == NO_CARD:
                return _page(site, "own/no_card.html", phone=phone)
            return _page(site, "own/code.html", id=form.maybe("id") or "", phone=phone, refused=refused)
        if found.session is None:
            return _page(site, "own/whose.html", cards=_told_apart(found.cards), code=form.text("code"))
        session.begin(found.session)
        response = seen_at(own_address(form.maybe("to"), "/my"))
        session.tell(response)
        response.delete_cookie(PHONE, path=DOOR)
        return response


def _check(site: Site) -> None:
    site.gateway.throttle.take(flask.request.remote_addr or "")
    site.tokens.check(site.tokens.of_door())


def _wanted(form: Form) -> SignInWithCode:
    digits = "".join(letter for letter in form.text("code") if letter.isdecimal())
    if len(digits) != 6 or not digits.isascii():
        raise Invalid.field("code", "code_wrong", "this is not the code")
    return SignInWithCode(form.id("id"), digits, form.maybe_id("client_id"), remote_address())


def _ask(site: Site, shape: Any, request: Request[Any]) -> Any:
    return decoder(shape)(bytes(reply_of(site.gateway.bus.ask(request, None))))


def _told_apart(cards: tuple[OfferedCard, ...]) -> list[tuple[UUID, str]]:
    """Two of a family may be called the same."""
    names = [card.first_name for card in cards]
    return [
        (card.client_id, name if names.count(name) == 1 else f"{name} ({names[: place + 1].count(name)})")
        for place, (card, name) in enumerate(zip(cards, names, strict=True))
    ]


def _step(path: str, **said: str | None) -> str:
    """The address of a step, with what goes along from one to the next."""
    fields = {name: value for name, value in said.items() if value}
    return f"{path}?{urlencode(fields)}" if fields else path


def _page(site: Site, template: str, *, refused: Refusal | None = None, **values: Any) -> Response:
    flask.g.csrf = site.tokens.of_door()
    form = Form()
    to = form.maybe("to")
    values.setdefault("id", form.maybe("id") or "")
    at_code = template == "own/code.html"
    response = shown(
        template,
        status=status_of(refused) if refused else 200,
        text=sentences.with_tries(sentences.sentence(refused), refused) if refused else "",
        to=to or "",
        back=_step(f"{DOOR}/code", id=values["id"], to=to) if at_code else _step(DOOR, to=to),
        **values,
    )
    return site.dressed(response)
