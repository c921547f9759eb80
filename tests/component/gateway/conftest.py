"""The gateway without services: a bus that answers what the test says, and people with tokens."""

import functools
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_smorest import Blueprint
from werkzeug.routing import Rule

from chassis import wire
from chassis.config import SERVICES, Settings, read
from chassis.crypto import USERS, KeyFolder
from chassis.messaging.envelope import Answer, Ask, decode_ask, error_of
from contracts.auth import EndedSessions, ListEndedSessions
from contracts.message import Request, all_requests
from gateway import api, openapi
from gateway.app import create_app
from kernel.caller import Caller
from kernel.errors import Refusal, Unavailable
from tests.builders import OWNER

Reply = Any


class FakeBus:
    """Answers each Request class with a reply, a refusal, or what a function of the Request returns."""

    def __init__(self) -> None:
        self.answers: dict[type[Request[Any]], Reply] = {ListEndedSessions: EndedSessions(())}
        self.asked: list[Request[Any]] = []
        self.envelopes: list[Ask] = []
        self.replays = False
        self.subscribed: dict[str, tuple[Callable[[bytes], None], Callable[[], None]]] = {}

    def call(self, body: bytes, *, service: str, timeout: float) -> bytes:
        ask = decode_ask(body)
        kind = all_requests()[ask.name]
        request = wire.decoder(kind)(bytes(ask.request))
        self.asked.append(request)
        self.envelopes.append(ask)
        reply = self.answers.get(kind, Unavailable("service_unavailable", f"{service} is away"))
        try:
            reply = reply(request) if callable(reply) else reply
        except Refusal as refusal:
            reply = refusal
        if isinstance(reply, Unavailable):
            raise reply
        if isinstance(reply, Refusal):
            return wire.encode(Answer(error=error_of(reply)))
        return wire.encode(Answer(ok=msgspec.Raw(wire.encode(reply)), replay=self.replays))

    def subscribe(self, producer: str, on_event: Callable[[bytes], None], on_connect: Callable[[], None]) -> None:
        self.subscribed[producer] = (on_event, on_connect)

    def asked_of(self, kind: type[Request[Any]]) -> list[Any]:
        return [request for request in self.asked if type(request) is kind]


_compile_builder = Rule._compile_builder


def compiled_when_called(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
    compiled = functools.cache(lambda: _compile_builder(rule, append_unknown))
    return lambda rule, **values: compiled()(rule, **values)


def described_when_asked(settings: Settings, bus: FakeBus) -> Flask:
    """`create_app`, but what few tests ask for is made when one does.

    That is the OpenAPI document, made by another application of these settings, and what builds the address of each
    rule: without them an application is there in a fifth of the time.
    """

    class Undescribed(api._Documented):
        def register_blueprint(self, blueprint: Blueprint) -> None:
            self._app.register_blueprint(blueprint)

        @property
        def _document(self) -> bytes:
            return create_app(settings, FakeBus()).test_client().get(f"{api.PREFIX}/openapi.json").data

    with (
        mock.patch.object(api, "_Documented", Undescribed),
        mock.patch.object(openapi, "describe"),
        mock.patch.object(openapi, "operation", return_value={}),
        mock.patch.object(Rule, "_compile_builder", compiled_when_called),
    ):
        return create_app(settings, bus)


class Web:
    """The public address: `http` is a test client, `as_` gives the headers of somebody signed in."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        keys = KeyFolder(folder)
        keys.make({*SERVICES, "gateway"}, ())
        self.settings = replace(read({}), keys=folder, **changes)
        self.bus = FakeBus()
        self.app = described_when_asked(self.settings, self.bus)
        self.http: FlaskClient = self.app.test_client()
        self._keys = keys

    def as_(self, caller: Caller = OWNER, *, seconds: float = 600) -> dict[str, str]:
        signer = self._keys.signer(caller.service or USERS)
        return {"Authorization": f"Bearer {signer.sign(caller, time.time() + seconds)}"}


@pytest.fixture
def web(tmp_path: Path) -> Web:
    return Web(tmp_path / "keys")


@pytest.fixture
def a_web(tmp_path: Path) -> Iterator[Callable[..., Web]]:
    """A function that makes one with other settings."""
    yield lambda **changes: Web(tmp_path / "other-keys", **changes)
