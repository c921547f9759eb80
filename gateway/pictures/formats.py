"""From a reply to the bytes of its picture: in the language of the browser, one at a time in this process."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import flask
import msgspec

from chassis.aside import Lane
from contracts.message import Request
from gateway.figures.names import name_clients, names_in
from gateway.pictures.canvas import as_bytes
from gateway.pictures.plots import Picture, something
from gateway.pictures.saying import Saying
from gateway.pictures.words import LANGUAGES
from gateway.route import Ask, Format
from kernel.errors import Unavailable

Sketch = Callable[[Mapping[str, Any], Any, Saying], Picture]

MEDIA_TYPES = {"svg": "image/svg+xml; charset=utf-8", "png": "image/png"}
MOST_WAITING = 4  # a quarter of a gateway's threads: the others go on answering
RETRY_AFTER_SECONDS = 2

lane = Lane()  # the library is not made for two threads at once


class _Queue:
    """Refuses whoever would have to wait behind too many."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        with self._lock:
            if self._inside >= MOST_WAITING:
                sentence = "too many pictures are being drawn; try again in a moment"
                raise Unavailable("drawing_busy", sentence, retry_after=RETRY_AFTER_SECONDS)
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1


queue = _Queue()


def pictures(sketch: Sketch, name: str) -> dict[str, Format]:
    """SVG and PNG of what `sketch` makes of a reply; `name` is what the files are called."""
    return {
        kind: Format(media_type, f"{name}.{kind}", partial(_written, sketch, kind))
        for kind, media_type in MEDIA_TYPES.items()
    }


def _written(sketch: Sketch, kind: str, reply: bytes, message: Request[Any], ask: Ask) -> Iterator[bytes]:
    language = language_asked_for()
    with queue.place():
        found = msgspec.json.decode(reply)
        names = names_in(found, ask, message)
        name_clients(found, ask)
        picture = sketch(found, message, Saying(language, names))
        something(found.get("reason"), picture.plots)
        drawn = lane(as_bytes, picture, kind, language)
    yield drawn


def language_asked_for() -> str:
    """The first of the browser's languages that we speak, whatever the country."""
    wanted = (name.partition("-")[0].lower() for name, quality in flask.request.accept_languages if quality > 0)
    return next((name for name in wanted if name in LANGUAGES), LANGUAGES[0])
