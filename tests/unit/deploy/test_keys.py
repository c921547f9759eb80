"""The init job: each part gets its own keys, and a master key that has got versions is not put back."""

from pathlib import Path

from chassis.masters import MasterFile
from deploy.keys import make_apart

PARTS = ("auth", "clients")


def test_each_part_gets_its_own_keys_and_no_others(tmp_path: Path) -> None:
    make_apart(tmp_path, PARTS)
    named = {part: {file.name for file in (tmp_path / part).iterdir()} for part in (*PARTS, "gateway")}
    assert named == {
        "auth": {"auth.key", "users.key", "auth.master", "public.json"},
        "clients": {"clients.key", "clients.master", "clients.health.master", "public.json"},
        "gateway": {"gateway.key", "public.json"},
    }


def test_a_version_that_was_added_to_a_part_is_taken_over(tmp_path: Path) -> None:
    """Into the folder of the job, so that the part can be given its keys again after a loss."""
    make_apart(tmp_path, PARTS)
    part = MasterFile(tmp_path / "clients" / "clients.master")
    part.add()
    added = part.read()
    make_apart(tmp_path, PARTS)
    assert part.read() == added
    part.path.unlink()
    make_apart(tmp_path, PARTS)
    assert part.read() == added
