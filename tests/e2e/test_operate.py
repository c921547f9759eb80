"""An operator's commands on a running installation: parked events, and deriving everything anew."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from chassis.config import environment
from tests.e2e.salon import eventually, open_salon
from tests.e2e.systems import PASSWORD, ROOT, Running

ASKS_WITHIN_SECONDS = 60  # consumers ask each producer for what they missed every half minute at least


def operate(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.operate", *words],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment() | {"LOKON_DATA": str(folder)},
        timeout=60,
    )


def test_what_was_derived_is_derived_anew_from_the_event_log(system: Running) -> None:
    """Figures and discounts are afterwards what they were before, in both shapes, while the system runs."""
    salon = open_salon(system.url, PASSWORD)
    clara = salon.client("Clara", source={"channel": "instagram"})
    salon.visit(salon.client("Dina", referrer_id=clara["id"]), salon.cut)
    period = {"from": salon.today.isoformat(), "to": salon.today.isoformat()}

    def figures() -> tuple[Any, Any]:
        return salon.owner.get("/analytics/sources", **period), salon.discount(clara)

    before = eventually(figures, lambda seen: seen[0]["visits"] == 1 and (seen[1] or {}).get("discount_percent") == 3)
    for service in ("analytics", "loyalty"):
        done = operate(system.folder, service, "rebuild")
        assert done.returncode == 0, done.stderr
        assert "emptied" in done.stdout or "events read" in done.stdout
    deadline = time.monotonic() + ASKS_WITHIN_SECONDS
    while (again := figures())[0] != before[0] or not again[1] or again[1]["lines"] != before[1]["lines"]:
        assert time.monotonic() < deadline, again
        time.sleep(0.5)
    salon.close()


def test_parked_events_are_listed_and_nothing_else_can_be_replayed(system: Running) -> None:
    listed = operate(system.folder, "loyalty", "parked", "list")
    assert (listed.returncode, listed.stdout) == (0, "")
    refused = operate(system.folder, "loyalty", "parked", "replay", "booking", "999999")
    assert refused.returncode == 1
    assert "event_not_parked" in refused.stderr


def test_a_wrong_command_or_folder_is_said_in_one_sentence(tmp_path: Path) -> None:
    assert "usage" in operate(tmp_path, "loyalty", "dance").stderr
    nobody = operate(tmp_path, "loyalty", "parked", "list")
    assert nobody.returncode == 1
    assert "nothing runs on" in nobody.stderr
    assert "Traceback" not in nobody.stderr
