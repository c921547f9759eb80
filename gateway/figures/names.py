"""Names beside ids: those of the salon's things and of clients, as far as who asks may know them."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

import msgspec

from chassis.wire import decoder
from contracts.booking import ListBranches, ListMasters, ListRooms, ListServices
from contracts.clients import ClientNames, NameClients
from contracts.message import Request
from gateway.figures.table import ids_in
from gateway.route import Ask
from kernel.errors import Refusal

AT_ONCE = 200
CLIENTS_AT_ONCE = 2_000
MOST_PAGES = 25  # of names; beyond that ids stay ids

_LISTS: Mapping[str, Callable[..., Request[Any]]] = {
    "branch_id": ListBranches,
    "service_id": ListServices,
    "master_id": ListMasters,
    "unit_id": ListRooms,
}


def names_in(found: Any, ask: Ask, message: Request[Any] | None = None) -> dict[str, str]:
    """What the branches, services and masters are called whose ids stand in a reply or in what was asked."""
    fields = ids_in(found) | {field for field in _LISTS if getattr(message, field, None) is not None}
    names: dict[str, str] = {}
    for field in sorted(fields):
        with suppress(Refusal):  # figures beside ids are better than none
            names.update(_names(_LISTS[field], ask))
    return names


def _names(asked: Callable[..., Request[Any]], ask: Ask) -> dict[str, str]:
    """What all things of a kind are called, by their ids."""
    names: dict[str, str] = {}
    cursor = None
    for _ in range(MOST_PAGES):
        page = msgspec.json.decode(ask(asked(limit=AT_ONCE, cursor=cursor)))
        names |= {each["id"]: each["name"] for each in page["items"]}
        cursor = page["next"]
        if cursor is None:
            break
    return names


def name_clients(found: Any, ask: Ask) -> None:
    """Fill in the names of clients where the reply leaves room for them and who asks may know them."""
    nodes = []
    waiting = [found]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if node.get("client_id") and "name" in node:
                nodes.append(node)
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    ids = sorted({node["client_id"] for node in nodes})
    with suppress(Refusal):
        for start in range(0, len(ids), CLIENTS_AT_ONCE):
            some = tuple(UUID(each) for each in ids[start : start + CLIENTS_AT_ONCE])
            told: ClientNames = decoder(ClientNames)(ask(NameClients(some)))
            names = {str(each.id): each.name for each in told.items}
            for node in nodes:
                node["name"] = names.get(node["client_id"], node["name"])
