"""Names of clients, filled into replies of services that know ids only."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec

from chassis.observability import log
from chassis.wire import decoder, encode
from contracts.clients import ClientName, ClientNames, NameClients
from gateway.bus import Bus, reply_of
from kernel.errors import Refusal

BELOW = ("children", "masters", "appointments", "above", "items", "rows", "referrer", "reason", "why")  # nodes, or one
AT_ONCE = 2_000  # ids that NameClients takes

_log = log("gateway")


def with_names(bus: Bus, reply: bytes, token: str | None) -> bytes:
    """`reply` with a `name`, and `wishes` where it has room for them, beside every `client_id` whose card the caller
    may see; the same without an answer.
    """
    tree = msgspec.json.decode(reply)
    nodes = [node for node in _nodes(tree) if node.get("client_id")]
    names = _names(bus, sorted({node["client_id"] for node in nodes}), token)
    for node in nodes:
        if said := names.get(node["client_id"]):
            node["name"] = said.name
            if "wishes" in node:
                node["wishes"] = said.wishes
    return encode(tree) if names else reply


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every node that has a `name`, without recursion: a chain of people may be long."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if "name" in node:
            yield node
        for name in BELOW:
            below = node.get(name, ())
            waiting.extend([below] if isinstance(below, dict) else below if isinstance(below, list) else ())


def _names(bus: Bus, ids: list[str], token: str | None) -> dict[str, ClientName]:
    names: dict[str, ClientName] = {}
    try:
        for start in range(0, len(ids), AT_ONCE):
            request = NameClients(tuple(UUID(text) for text in ids[start : start + AT_ONCE]))
            found: ClientNames = decoder(ClientNames)(bytes(reply_of(bus.ask(request, token))))
            names |= {str(item.id): item for item in found.items}
    except Refusal as refusal:  # figures without names are better than none
        _log.info("names_missing", reason=refusal.code)
    return names
