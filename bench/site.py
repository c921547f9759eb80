"""A row read over the bus for whoever asks over HTTP, and the bare route beside it: the least that a gateway can be."""

import os
from pathlib import Path

import flask

from bench.ledger import ReadAccount
from chassis.crypto import KeyFolder
from chassis.messaging.ask import Bus, Call, Identity
from chassis.messaging.client import Client
from chassis.wire import encode


def site(bus: Bus, keys: KeyFolder) -> flask.Flask:
    """`/row` asks the ledger for an account over `bus`, `/bare` answers with as many bytes at once."""
    app = flask.Flask(__name__)
    call = Call(bus, Identity("bench", keys.signer("bench")), ("ledger",))

    @app.get("/row")
    def row() -> flask.Response:
        return flask.Response(encode(call(ReadAccount(4711))), mimetype="application/json")

    @app.get("/bare")
    def bare() -> flask.Response:
        return flask.Response(b"x" * 150, mimetype="application/json")

    return app


def under_gunicorn() -> flask.Flask:
    """The same in a process of its own, as gunicorn's workers call it."""
    return site(Client(os.environ["BENCH_BUS"], name="bench"), KeyFolder(Path(os.environ["BENCH_KEYS"])))
