"""Contacts over HTTP as an administrator meets them: shortened in lists, revealed one by one, and in the journal."""

from typing import Any

from tests.e2e.salon import eventually, open_salon
from tests.e2e.systems import PASSWORD, Running

DESK = ["branches.read", "clients.edit", "clients.read", "clients.reveal"]


def test_an_administrator_reveals_until_the_budget_is_spent(system: Running) -> None:
    """Lists are shortened, cards and reveals count, the journal tells of each, and the owner is not bound."""
    salon = open_salon(system.url, PASSWORD)
    owner, branch = salon.owner, salon.branch["id"]
    phones = [f"+7916555{number:04}" for number in range(3)]
    said = {"email": "vera@example.org", "home_branch_id": branch, "contraindications": ["latex"]}
    clients = [salon.client("Vera", phones=[phone], **said) for phone in phones]
    bounds = {"reveals_per_shift": 2, "history_days": 30}
    role = owner.post("/roles", name="desk", permissions=DESK, marks=["contacts", "health"], **bounds)
    assert (role["reveals_per_shift"], role["history_days"]) == (2, 30)
    words = {"branch_ids": [branch], "password": PASSWORD}
    hired = owner.post("/users", login="nina", name="Nina", roles=["desk"], **words)
    nina = salon.sign_in("nina", PASSWORD)
    assert nina.get("/auth/me")["reveals_per_shift"] == 2

    for path, query in (("/clients", {}), ("/clients", {"q": "vera"}), ("/clients", {"q": "0001"})):
        for one in nina.get(path, **query)["items"]:
            assert one["contacts_masked"]
            assert (one["phones"][0][:9], one["email"]) == ("+7 ••• ••", "v•••@example.org")
            assert one["contraindications"] == ["•••"]
    assert [one["id"] for one in nina.post("/clients/search", q=phones[1])["items"]] == [clients[1]["id"]]
    masked = nina.get("/clients", q="0002")["items"][0]
    masked_back = {"json": {"phones": masked["phones"]}, "headers": {"If-Match": f'"{masked["version"]}"'}}
    sent_back = nina.refusal(422, "PATCH", f"/clients/{masked['id']}", **masked_back)
    assert sent_back["code"] == "masked_value"

    shown = nina.post(f"/clients/{clients[0]['id']}/reveal")
    assert (shown["phones"], shown["email"], shown["left"]) == ([phones[0]], "vera@example.org", 1)
    assert nina.get(f"/clients/{clients[1]['id']}")["phones"] == [phones[1]]
    for _ in range(2):
        card = nina.get(f"/clients/{clients[2]['id']}")
        assert (card["phones"], card["contacts_masked"]) == (["+7 ••• •••-00-02"], True)
        assert card["contraindications"] == ["latex"]
    answer = nina.http.post(f"/clients/{clients[2]['id']}/reveal")
    assert (answer.status_code, answer.json()["code"]) == (429, "reveal_budget_spent")
    assert 0 < int(answer.headers["Retry-After"]) <= 12 * 3600
    assert nina.get(f"/clients/{clients[0]['id']}")["phones"] == [phones[0]]
    assert owner.get("/clients", q="vera")["items"][0]["phones"] == [phones[0]]

    def told() -> list[dict[str, Any]]:
        return owner.get("/journal", actor_id=hired["id"])["items"]

    entries = eventually(told, lambda items: sum(one["subject_kind"] == "client" for one in items) >= 5)
    assert {(one["action"], one["subject_id"]) for one in entries if one["subject_kind"] == "client"} == {
        ("client.revealed", clients[0]["id"]),
        ("client.revealed", clients[1]["id"]),
        *(("client.health_read", client["id"]) for client in clients),
    }
    assert "vera" not in str(entries).casefold()
    (made,) = owner.get("/journal", action="role.created", subject_id=role["id"])["items"]
    assert made["details"]["reveals_per_shift"] == ["2"]
    assert "history_from" in nina.get(f"/clients/{clients[0]['id']}/habits")
    salon.close()


def test_what_ships_for_administrators_is_bounded(system: Running) -> None:
    """Their lists are shortened without anybody having set it up; nobody may widen what they have themselves."""
    salon = open_salon(system.url, PASSWORD)
    client = salon.client("Zoya", phones=["+79165559999"], home_branch_id=salon.branch["id"])
    words = {"branch_ids": [salon.branch["id"]], "password": PASSWORD}
    salon.owner.post("/users", login="rita", name="Rita", role="administrator", **words)
    rita = salon.sign_in("rita", PASSWORD)
    assert {"reveals_per_shift": 60, "history_days": 730}.items() <= rita.get("/auth/me").items()
    assert rita.get("/clients", q="zoya")["items"][0]["phones"] == ["+7 ••• •••-99-99"]
    assert rita.get(f"/clients/{client['id']}")["phones"] == ["+79165559999"]
    changed = rita.http.patch(f"/clients/{client['id']}", json={"comment": "x"}, headers={"If-Match": '"1"'})
    assert changed.json()["phones"] == ["+79165559999"]
    salon.close()
