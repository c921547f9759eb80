"""`python -m deploy.published`: OpenAPI for HTTP and AsyncAPI for events, as files, made from the contracts."""

import importlib
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from chassis.config import SERVICES, read
from chassis.crypto import KeyFolder
from chassis.messaging.link import events_exchange
from chassis.outbox import Envelope
from contracts.message import all_events
from gateway.app import create_app

FOLDER = Path(__file__).resolve().parent.parent / "docs"
OPENAPI = FOLDER / "openapi.json"
ASYNCAPI = FOLDER / "asyncapi.json"


def asyncapi() -> dict[str, Any]:
    """AsyncAPI 3.0: a channel per producer, a message per event, each in the envelope that the relay puts it into."""
    for service in SERVICES:
        importlib.import_module(f"contracts.{service}")
    events = {name: event for service in SERVICES for name, event in sorted(all_events(service).items())}
    shapes, schemas = msgspec.json.schema_components(
        [Envelope, *events.values()], ref_template="#/components/schemas/{name}"
    )
    envelope, shape_of = shapes[0], dict(zip(events, shapes[1:], strict=True))
    producers = sorted({event.owner for event in events.values()})
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Lokon events",
            "version": "1",
            "description": "Facts that services announce. They carry ids and business facts, never personal data. "
            "A consumer's queue is bound to every event of a producer, so that numbers have no holes.",
        },
        "defaultContentType": "application/json",
        "channels": {
            producer: {
                "address": events_exchange(producer),
                "messages": {
                    name: {"$ref": f"#/components/messages/{name}"}
                    for name, event in events.items()
                    if event.owner == producer
                },
                "bindings": {"amqp": {"is": "routingKey", "exchange": {"type": "topic", "durable": True}}},
            }
            for producer in producers
        },
        "operations": {
            f"hear_{producer}": {"action": "receive", "channel": {"$ref": f"#/channels/{producer}"}}
            for producer in producers
        },
        "components": {
            "messages": {
                name: {
                    "name": name,
                    "summary": (event.__doc__ or "").split("\n")[0] if not _generated(event) else name,
                    "payload": {"allOf": [envelope, {"properties": {"event": shape_of[name]}}]},
                }
                for name, event in events.items()
            },
            "schemas": schemas,
        },
    }


def _generated(event: type[Any]) -> bool:
    """Whether the docstring is only the signature that dataclasses write where there is none."""
    return (event.__doc__ or "").startswith(f"{event.__name__}(")


def openapi() -> dict[str, Any]:
    """The document that a gateway with every service serves; nothing is asked of the bus for it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(read({}), keys=Path(folder))
        KeyFolder(settings.keys).make(("gateway",), ())
        served = create_app(settings, _NoBus()).test_client().get("/api/v1/openapi.json")
    described: dict[str, Any] = json.loads(served.data)
    return described


class _NoBus:
    """A bus on which nobody is heard."""

    def call(self, *_: Any, **__: Any) -> bytes:
        raise AssertionError("a document is made without asking anybody")

    def subscribe(self, *_: Any) -> None:
        """Nothing will be announced."""


def text(described: dict[str, Any]) -> str:
    return json.dumps(described, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    OPENAPI.write_text(text(openapi()), encoding="utf-8")
    ASYNCAPI.write_text(text(asyncapi()), encoding="utf-8")
