"""Names beside ids, however long the chain of people is."""

from typing import Any
from uuid import UUID

import msgspec

from chassis import wire
from chassis.messaging.envelope import Answer, decode_ask
from contracts.clients import ClientName, ClientNames, NameClients
from gateway.bus import Bus
from gateway.names import AT_ONCE, with_names


class Clients:
    """Knows everybody by a number, and how many were asked for at a time."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def call(self, body: bytes, *, service: str, timeout: float) -> bytes:
        asked: NameClients = wire.decoder(NameClients)(bytes(decode_ask(body).request))
        self.sizes.append(len(asked.ids))
        names = ClientNames(tuple(ClientName(one, f"N{one.int}", "no talk") for one in asked.ids))
        return wire.encode(Answer(ok=msgspec.Raw(wire.encode(names))))


def node(number: int, children: list[Any]) -> dict[str, Any]:
    return {"client_id": str(UUID(int=number)), "name": None, "children": children}


def named(tree: dict[str, Any], clients: Clients) -> dict[str, Any]:
    reply: dict[str, Any] = msgspec.json.decode(with_names(Bus(clients, None), wire.encode(tree), "token"))
    return reply


def test_many_are_asked_for_in_portions():
    clients = Clients()
    tree = node(1, [node(number, []) for number in range(2, AT_ONCE + 3)])
    assert named(tree, clients)["children"][-1]["name"] == f"N{AT_ONCE + 2}"
    assert clients.sizes == [AT_ONCE, 2]


def test_a_long_chain_is_no_deep_call():
    tree = node(300, [])
    for number in range(299, 0, -1):
        tree = node(number, [tree])
    reply = named(tree, Clients())
    depth = 0
    while reply["children"]:
        (reply,), depth = reply["children"], depth + 1
    assert (depth, reply["name"]) == (299, "N300")


def test_nobody_is_asked_where_there_is_no_client():
    clients = Clients()
    assert named({"name": None, "kind": "root", "children": []}, clients)["name"] is None
    assert clients.sizes == []


def test_wishes_stand_where_there_is_room_for_them():
    """On the sheet of a day, below its masters; a visit without a card has neither."""
    one, nobody = ({"client_id": who, "name": None, "wishes": None} for who in (str(UUID(int=7)), None))
    tree = {"date": "2026-12-01", "masters": [{"master_id": "x", "appointments": [one, nobody]}]}
    (day,) = named(tree, Clients())["masters"]
    assert [(each["name"], each["wishes"]) for each in day["appointments"]] == [("N7", "no talk"), (None, None)]


def test_whoever_brought_somebody_is_named_beside_them():
    """In a list of edges, and above a client; a channel has no name."""
    one, other = ({"client_id": str(UUID(int=number)), "name": None} for number in (7, 8))
    (edge,) = named({"items": [one | {"referrer": other}], "next": None}, Clients())["items"]
    assert (edge["name"], edge["referrer"]["name"]) == ("N7", "N8")
    channel = {"client_id": None, "channel": "leaflet", "name": None}
    above = named({"client_id": str(UUID(int=7)), "above": [other, channel]}, Clients())["above"]
    assert [each["name"] for each in above] == ["N8", None]


def test_the_people_in_an_explanation_are_named_and_a_reason_in_one_word_is_no_node():
    person = {"code": "person.counted", **node(7, [])}
    explained = {
        "view": "administrator",
        "reason": {"code": "verdict", "client_id": None, "name": None, "children": [person]},
    }
    assert named(explained, Clients())["reason"]["children"][0]["name"] == "N7"
    (visit,) = named({"items": [{**node(8, []), "reason": "late_facts", "why": explained}]}, Clients())["items"]
    assert (visit["name"], visit["why"]["reason"]["children"][0]["name"]) == ("N8", "N7")
