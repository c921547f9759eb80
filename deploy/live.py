"""`python -m deploy.live`: the process that serves streams, as many as there are pages, behind one subscription."""

# ruff: noqa: E402 - the patch comes before anything that imports threads or sockets
import os
import warnings

warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")  # noqa: TID251  read by eventlet, not by us
import eventlet

eventlet.monkey_patch()

import signal
import time
from types import FrameType

from chassis.config import Misconfigured, settings
from chassis.observability import configure_logs
from deploy.front import Front
from gateway.app import WIRE, create_internal_app, create_live_app

_LOOK_EVERY_SECONDS = 0.2
_FINISH_WITHIN_SECONDS = 1.0  # a stream never ends by itself, and its page comes back


def main() -> None:
    """Serve `/live` on LOKON_LIVE_LISTEN until SIGTERM or Ctrl-C."""
    configure_logs("live")
    configured = settings()
    if configured.live_listen is None:
        raise Misconfigured("LOKON_LIVE_LISTEN is not set")
    told: list[int] = []

    def tell(number: int, _frame: FrameType | None) -> None:
        told.append(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, tell)
    app = create_live_app(configured)
    front = Front(app, _listening(configured.live_listen))
    if configured.internal_listen:
        front.also(create_internal_app(configured, app.extensions[WIRE]), _listening(configured.internal_listen))
    while not told:
        time.sleep(_LOOK_EVERY_SECONDS)
    front.stop(_FINISH_WITHIN_SECONDS)
    app.extensions[WIRE].close()
    os._exit(0)  # the streams that are still open hold green threads that nobody waits for


def _listening(address: str) -> eventlet.greenio.GreenSocket:
    name, _, port = address.rpartition(":")
    return eventlet.listen((name, int(port)), backlog=512, reuse_port=False)


if __name__ == "__main__":
    main()
