"""The shape of every message on the wire and the name of every queue; changing one without saying so is a red test.

To accept a change: `LOKON_ACCEPT_WIRE=1 python -m pytest tests/contract`, and read the difference before committing it.
Fields are added with defaults, never renamed, retyped or reused.
"""

import dataclasses
import importlib
import json
import os
import typing
from pathlib import Path
from typing import Any

import msgspec

from chassis.assembly import service_class
from chassis.config import SERVICES
from chassis.messaging.declare import handled_by
from chassis.messaging.link import events_exchange, events_queue, requests_queue, wake_queue
from contracts.message import all_events, all_requests

FILE = Path(__file__).with_name("wire.json")


def shape(kind: Any, within: tuple[Any, ...] = ()) -> Any:
    """A type in words: fields with their shapes for a dataclass, a name for the rest."""
    if kind in within:
        return f"<{kind.__name__}>"
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    bare = origin or kind
    if dataclasses.is_dataclass(bare) or (isinstance(bare, type) and issubclass(bare, msgspec.Struct)):
        info = msgspec.inspect.type_info(kind)
        hints = typing.get_type_hints(bare)
        names = dict(zip(getattr(bare, "__parameters__", ()), arguments, strict=False))
        return {
            field.encode_name + ("" if field.required else "?"): shape(
                _filled(hints[field.name], names), (*within, kind)
            )
            for field in info.fields
        }
    if origin is tuple:
        return [shape(arguments[0], within)]
    if origin is typing.Literal:
        return " | ".join(map(repr, arguments))
    if arguments:
        parts = [shape(part, within) for part in arguments]
        named = [part for part in parts if part not in ("NoneType", "UnsetType")]
        return named[0] if len(named) == 1 else parts
    return getattr(kind, "__name__", str(kind))


def _filled(hint: Any, names: dict[Any, Any]) -> Any:
    parameters = getattr(hint, "__parameters__", ())
    return hint[tuple(names[p] for p in parameters)] if parameters and names else hint


def wire() -> dict[str, Any]:
    for service in (*SERVICES, "bus"):
        importlib.import_module(f"contracts.{service}")
    ours = {*SERVICES, "bus"}
    return {
        "requests": {
            f"{kind.owner}.{name}": {"asks": shape(kind), "replies": shape(kind.reply)}
            for name, kind in sorted(all_requests().items())
            if kind.owner in ours
        },
        "events": {
            f"{kind.owner}.{name}": shape(kind) for name, kind in sorted(all_events().items()) if kind.owner in ours
        },
        "queues": {
            service: sorted(
                [requests_queue(service), wake_queue(service), events_exchange(service)]
                + [events_queue(service, producer) for producer, _ in handled_by(service_class(service))]
            )
            for service in SERVICES
        },
    }


def test_the_wire_is_what_was_agreed() -> None:
    now = json.loads(json.dumps(wire()))
    if os.environ.get("LOKON_ACCEPT_WIRE"):
        FILE.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n")
    assert now == json.loads(FILE.read_text())


def test_no_event_has_a_field_for_personal_data() -> None:
    personal = {"name", "first_name", "last_name", "patronymic", "phone", "phones", "email", "birth_date", "comment"}
    personal |= {"contraindications", "wishes", "reason", "text", "detail", "login", "reference"}

    def fields(value: Any) -> set[str]:
        if isinstance(value, dict):
            return {key.rstrip("?") for key in value} | {name for part in value.values() for name in fields(part)}
        return {name for part in value for name in fields(part)} if isinstance(value, list) else set()

    for name, event in wire()["events"].items():
        assert not fields(event) & personal, name
