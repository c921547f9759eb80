"""Boris manages another branch: a card of this one, and what hangs on it, does not exist for him, on any route."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from gateway.route import Route
from gateway.routes import AREAS
from tests.e2e.salon import Salon, User, eventually, open_salon
from tests.e2e.systems import PASSWORD, Running

OF_A_CARD = re.compile(r"(/loyalty)?/clients/<uuid:\w+>")
MEDIA = {True: {"Content-Type": "image/png"}, False: {"Content-Type": "application/json"}}


@pytest.fixture(scope="module")
def salon(embedded: Running) -> Iterator[Salon]:
    salon = open_salon(embedded.url, PASSWORD)
    yield salon
    salon.close()


@pytest.fixture(scope="module")
def card(salon: Salon) -> dict[str, Any]:
    return salon.client("Clara", phones=["+79165550101"], home_branch_id=salon.branch["id"])


@pytest.fixture(scope="module")
def hung(salon: Salon, card: dict[str, Any]) -> dict[str, str]:
    """One of what hangs on the card, by the last part of the path of its list."""
    owner, path = salon.owner, f"/clients/{card['id']}"
    owner.post("/consent-documents", purpose="photos", title="Photos", text="We may show them.")
    return {
        "notes": owner.post(f"{path}/notes", text="likes tea")["id"],
        "perks": owner.post(f"{path}/perks", text="a coffee")["id"],
        "consents": owner.post(f"{path}/consents", purpose="photos", document_version=1, channel="desk")["id"],
    }


def routes() -> list[Route]:
    return [route for area in AREAS for route in area.routes if OF_A_CARD.match(route.path)]


def ask(user: User, route: Route, card_id: str, hung: dict[str, str]) -> int:
    """The status of a call that says as little as it may: what is not there comes before what is wrong."""
    path = re.sub(r"<uuid:\w+>", card_id, route.path, count=1)
    path = re.sub(r"([\w-]+)/<uuid:\w+>", lambda part: f"{part[1]}/{hung.get(part[1], uuid4())}", path)
    words: dict[str, Any] = {"headers": {"If-Match": '"1"'}}
    if route.has_body:
        words["headers"] |= MEDIA[bool(route.takes)]
        words["content"] = b"{}"
    return user.http.request(route.method, path, **words).status_code


def test_a_card_of_another_branch_is_on_no_route(salon: Salon, card: dict[str, Any], hung: dict[str, str]) -> None:
    eventually(lambda: salon.owner.status("GET", f"/loyalty/clients/{card['id']}"), lambda status: status == 200)
    salon.owner.post(
        "/users", login="boris", name="Boris", role="manager", branch_ids=[salon.elsewhere["id"]], password=PASSWORD
    )
    boris = salon.sign_in("boris", PASSWORD)
    asked = {f"{route.method} {route.path}": ask(boris, route, card["id"], hung) for route in routes()}
    assert len(asked) > 40
    assert {call: status for call, status in asked.items() if status != 404} == {}
    assert salon.owner.get(f"/clients/{card['id']}")["version"] == card["version"]


def test_a_client_sees_no_other_card(salon: Salon, card: dict[str, Any], hung: dict[str, str]) -> None:
    """Not there, or not theirs to do."""
    own = salon.client("Dora")
    words = {"branch_ids": [], "password": PASSWORD, "client_id": own["id"]}
    salon.owner.post("/users", login="dora", name="Dora", role="client", **words)
    dora = salon.sign_in("dora", PASSWORD)
    asked = {f"{route.method} {route.path}": ask(dora, route, card["id"], hung) for route in routes()}
    assert {call: status for call, status in asked.items() if status not in (403, 404)} == {}
    assert dora.get(f"/clients/{own['id']}")["first_name"] == "Dora"
