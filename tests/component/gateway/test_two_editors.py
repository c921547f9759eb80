"""What the second of two people who edit one card gets over HTTP."""

from uuid import uuid4

from contracts.clients import ChangeClient, Client, Preferences
from kernel.errors import Stale
from kernel.time import utc_now

PATH = f"/api/v1/clients/{uuid4()}"


def a_card(**said: object) -> Client:
    card = {
        "id": uuid4(),
        "first_name": "Клара",
        "last_name": None,
        "patronymic": None,
        "preferred_name": None,
        "sex": None,
        "source": None,
        "referrer_id": None,
        "home_branch_id": None,
        "preferences": Preferences(),
        "comment": None,
        "registered_at": utc_now(),
        "version": 1,
    }
    return Client(**card | said)


def test_the_three_versions_are_members_of_the_problem(web):
    """Beside the code stand what was sent, the card as it is, and the one that was seen."""

    def stale(request):
        return Stale(
            "version_stale",
            "somebody else changed this client in the meantime",
            theirs={"comment": request.comment},
            current=a_card(comment="first", version=2),
            original=a_card(),
        )

    web.bus.answers[ChangeClient] = stale
    answer = web.http.patch(PATH, json={"comment": "second"}, headers=web.as_() | {"If-Match": '"1"'})
    assert (answer.status_code, answer.mimetype) == (412, "application/problem+json")
    told = answer.json
    assert (told["code"], told["theirs"]) == ("version_stale", {"comment": "second"})
    assert (told["current"]["comment"], told["current"]["version"]) == ("first", 2)
    assert (told["original"]["comment"], told["original"]["version"]) == (None, 1)
