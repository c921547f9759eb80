"""One exchange over HTTP: the checks in their promised order, the Request over the bus, the reply as it came."""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

import flask
import msgspec
from flask import Response

from chassis.messaging.envelope import Answer
from contracts.clients import NameClients
from contracts.message import Request
from gateway import files, lists
from gateway.bus import Bus, reply_of
from gateway.identity import Identities, Throttle, require
from gateway.names import with_names
from gateway.problems import VersionMissing
from gateway.reading import Errors, reader
from gateway.route import FORMAT, Format, Route
from gateway.sessions import Sessions
from kernel.caller import NOBODY, Caller
from kernel.errors import Gone, Invalid, NotFound, Stale, Unavailable

LONGEST_KEY = 200
_VERSION = re.compile("[1-9][0-9]{0,17}")
JSON = "application/json"


class Head(msgspec.Struct):
    """What of a reply goes into headers; `newest` where a change has to name another version than the one shown."""

    id: UUID | None = None
    version: int | None = None
    newest: int | None = None


_head = msgspec.json.Decoder(Head).decode


class Gateway:
    """What all routes share."""

    def __init__(
        self, bus: Bus, identities: Identities, sessions: Sessions, throttle: Throttle, installed: tuple[str, ...]
    ) -> None:
        self.bus = bus
        self.identities = identities
        self.sessions = sessions
        self.throttle = throttle
        self.installed = installed

    def refuse_absent(self, service: str) -> None:
        if service not in self.installed:
            raise NotFound("not_installed", f"the service {service} is not installed here")


def view(gateway: Gateway, route: Route) -> Callable[..., Response]:
    """The view function of `route`."""
    read = reader(route)
    asked = route.request
    keyed = asked.keyed and route.method == "POST"

    def respond(**path: UUID) -> Response:
        request = flask.request
        values, errors = read(request)
        caller, token = (NOBODY, None) if route.anonymous else gateway.identities.of(request)
        require(asked.permission, caller)
        form = _form(route, values, errors)
        for permission in form.needs if form else ():
            require(permission, caller)
        gateway.refuse_absent(asked.owner)
        key = _key(request, errors) if keyed else None
        if route.versioned:
            values["version"] = _version(gateway, route, path, token, errors)
        elif errors:
            _refuse_unless_gone(gateway, route, path, token)
        if errors:
            raise Invalid("invalid_fields", _sentence(errors), errors=errors)
        if token is None:
            gateway.throttle.take(request.remote_addr or "")
        if route.after:
            gateway.refuse_absent(route.after.owner)
            reply_of(gateway.bus.ask(route.after(*path.values()), token))
        for name, fill in route.fills.items():
            values[name] = fill()

        def ask(beside: Request[Any]) -> bytes:
            if token is not None:
                gateway.sessions.refuse_ended(caller.session_id)  # a file may be long on its way
            return bytes(reply_of(gateway.bus.ask(beside, token)))

        for member in route.beside:
            values.pop(member.name, None)
        if route.parts:
            values = files.sent_ahead(route, path, values, key, ask)
        message = asked(**path, **values)
        if route.sheet or (route.formats and asked.effects):
            lists.refuse_looking()
        answer = gateway.bus.ask(message, token, key)
        if route.sheet:
            return lists.response_of(route.sheet, bytes(reply_of(answer)), ask)
        if route.file:
            return files.response_of(route.file, message, bytes(reply_of(answer)), ask)
        if form:
            return files.in_format(form, message, bytes(reply_of(answer)), ask)
        return _response(gateway, route, answer, caller, token)

    respond.__name__ = asked.__name__
    return respond


def _form(route: Route, values: dict[str, Any], errors: Errors) -> Format | None:
    """The file or picture asked for; a Request may know of formats that its route does not make."""
    wanted = values.get(FORMAT, "json")
    if not route.formats or wanted == "json":
        return None
    if wanted not in route.formats:
        errors[FORMAT] = [f"this must be one of: json, {', '.join(route.formats)}"]
    return route.formats.get(wanted)


def _response(gateway: Gateway, route: Route, answer: Answer, caller: Caller, token: str | None) -> Response:
    if route.ends_sessions:
        with suppress(Unavailable):  # then the broadcast says it
            gateway.sessions.fetch()
    reply = bytes(reply_of(answer))
    if route.status == 204:
        return Response(status=204)
    if route.names and caller.may(NameClients.permission) and NameClients.owner in gateway.installed:
        reply = with_names(gateway.bus, reply, token)
    response = Response(reply, status=route.status, content_type=JSON)
    if answer.replay:
        response.headers["Idempotent-Replay"] = "true"
    if route.headed:
        _tell_head(response, route, _head(reply))
    return response


def _tell_head(response: Response, route: Route, head: Head) -> None:
    if head.version is not None:
        response.headers["ETag"] = f'"{head.newest or head.version}"'
    if route.status == 201 and head.id is not None:
        response.headers["Location"] = f"{flask.request.path}/{head.id}"


def _version(gateway: Gateway, route: Route, path: dict[str, UUID], token: str | None, errors: Errors) -> int | None:
    """The version that `If-Match` names.

    If it names none, or something else is wrong too, the resource is asked first: what is not there (404, 410) is told
    before a version is missing (428) or another one (412), and that before a wrong field (422).
    """
    header = flask.request.headers.get("If-Match", "").strip()
    text = header.strip('"')
    named = int(text) if _VERSION.fullmatch(text) else None
    if named and not errors:
        return named
    current = _refuse_unless_gone(gateway, route, path, token)
    if not header:
        raise VersionMissing("version_missing", "send the version that you saw as `If-Match`")
    if current is None:  # the caller may not read it: then only a version that is named helps
        fits = named is not None or bool(errors)
    else:
        fits = header == "*" or flask.request.if_match.contains(str(current))
    if not fits:
        raise Stale("version_stale", "somebody has changed it since; read it again")
    return named if current is None else current


def _refuse_unless_gone(gateway: Gateway, route: Route, path: dict[str, UUID], token: str | None) -> int | None:
    """The version of what the path names; raises if it is not there, or nobody can say so."""
    if route.resource is None or route.resource.owner not in gateway.installed:
        return None
    try:
        return _head(reply_of(gateway.bus.ask(route.resource(*path.values()), token))).version
    except (NotFound, Gone, Unavailable):
        raise
    except Exception:  # the caller may change it and not read it: then the change itself will tell
        return None


def _key(request: flask.Request, errors: Errors) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or not all("!" <= letter <= "~" for letter in key):
        errors["Idempotency-Key"] = [f"a key is 1 to {LONGEST_KEY} visible ASCII characters"]
    return key


def _sentence(errors: Errors) -> str:
    field, sentences = next(iter(errors.items()))
    return f"{field}: {sentences[0]}" if field else sentences[0]


def remote_address() -> str | None:
    return flask.request.remote_addr


def retry_key() -> str | None:
    """The idempotency key of a refresh, which auth keeps by itself."""
    key = flask.request.headers.get("Idempotency-Key")
    errors: dict[str, Any] = {}
    _key(flask.request, errors)
    if errors:
        raise Invalid("invalid_fields", _sentence(errors), errors=errors)
    return key
