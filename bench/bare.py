"""The bare Flask route: the least that an answer over HTTP costs. `python -m bench.bare` serves it under eventlet."""

# ruff: noqa: E402  eventlet patches before anything else is imported

ALONE = __name__ == "__main__"
if ALONE:
    import eventlet

    eventlet.monkey_patch()

import os

import flask


def create_app() -> flask.Flask:
    """`/` answers at once, with about as many bytes as a row."""
    app = flask.Flask(__name__)

    @app.get("/")
    def bare() -> flask.Response:
        return flask.Response(b"x" * 300, mimetype="application/json")

    return app


if ALONE:
    import eventlet.wsgi

    eventlet.wsgi.server(eventlet.listen(("127.0.0.1", int(os.environ["BENCH_PORT"]))), create_app(), log_output=False)
