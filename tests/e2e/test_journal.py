"""The journal over HTTP: what one does shows up in it, whichever service it is done in, and an operator verifies it."""

from typing import Any

from tests.e2e.salon import eventually, open_salon
from tests.e2e.systems import PASSWORD, Running
from tests.e2e.test_operate import operate


def test_what_is_done_shows_up_in_the_journal(system: Running) -> None:
    """Sign-ins at once, erasures within seconds; what was noted is still there."""
    salon = open_salon(system.url, PASSWORD)
    owner = salon.owner
    head = owner.get("/journal/head")
    me = owner.get("/auth/me")["id"]
    assert owner.get("/journal", action="session.begun", limit=1)["items"][0]["actor_id"] == me
    clara = salon.client("Clara")
    assert owner.status("DELETE", f"/clients/{clara['id']}", headers={"If-Match": f'"{clara["version"]}"'}) == 204

    def erasures() -> list[dict[str, Any]]:
        return owner.get("/journal", subject_id=clara["id"])["items"]

    (told,) = eventually(erasures, bool)
    assert (told["action"], told["actor_id"], told["told_by"]) == ("client.erased", me, "clients")
    wrong = owner.refusal(422, "GET", "/journal", params={"since": "yesterday"})
    assert list(wrong["errors"]) == ["since"]
    done = operate(system.folder, "auth", "journal", "verify", "--head", f"{head['number']}:{head['hash']}")
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split(":")[0]) > head["number"]
    salon.close()
