"""Backup and restore, rehearsed: from a running system into an empty folder, and worth nothing without the keys."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from deploy.backup import KEEP_KEYS, back_up, restore
from deploy.processes import CannotStart
from deploy.sealed import SealedReader, SealedWriter, WrongPassphrase
from kernel.time import utc_now
from tests.e2e.salon import Salon, User, open_salon
from tests.e2e.systems import Running, running
from tests.room import roomy

PASSPHRASE = "a passphrase for the safe"


@pytest.fixture(scope="module")
def before() -> Iterator[tuple[Running, Salon]]:
    with running("embedded") as system:
        salon = open_salon(system.url, system.password)
        yield system, salon
        salon.close()


@contextmanager
def restored(archives: list[Path], like: Running) -> Iterator[Running]:
    """A system over what was restored from `archives`, at the address of `like`, which must not run."""
    folder = Path(tempfile.mkdtemp(prefix="lokon-restored-", dir=roomy()))
    system = Running(like.shape, folder, like.listen, like.password)
    try:
        restore(archives, folder, PASSPHRASE)
        system.start()
        yield system
        system.stop()
    finally:
        if system.process is not None:
            system.process.kill()
        shutil.rmtree(folder, ignore_errors=True)


def test_what_was_restored_goes_on_where_the_backup_was_taken(before: tuple[Running, Salon], tmp_path: Path):
    system, salon = before
    clara = salon.client("Clara", phones=["+79261110022"], source={"channel": "instagram"})
    erased = salon.client("Erasmus", phones=["+79261110033"])
    salon.visit(clara, salon.cut)
    earlier = back_up(system.folder, tmp_path / "safe", PASSPHRASE, utc_now())
    assert salon.owner.status("DELETE", f"/clients/{erased['id']}", headers={"If-Match": '"1"'}) == 204
    later = back_up(system.folder, tmp_path / "safe", PASSPHRASE, utc_now() + timedelta(seconds=1))
    visits = salon.owner.get(f"/clients/{clara['id']}/visits")
    system.stop()

    with restored(earlier, system) as again:
        owner = User(again.url, "owner", again.password)
        assert owner.get(f"/clients/{clara['id']}")["phones"] == ["+79261110022"]
        assert owner.get(f"/clients/{clara['id']}/visits") == visits
        assert owner.get(f"/clients/{erased['id']}")["first_name"] == "Erasmus"
        owner.post("/clients", first_name="Dora", phones=["+79261110044"])
        owner.http.close()

    # Data from before the erasure with keys from after it: the person stays erased.
    with restored([earlier[0], later[1]], system) as again:
        owner = User(again.url, "owner", again.password)
        assert owner.get(f"/clients/{clara['id']}")["first_name"] == "Clara"
        answer = owner.http.get(f"/clients/{erased['id']}")
        assert answer.status_code < 500
        assert "Erasmus" not in answer.text
        assert "9261110033" not in answer.text
        owner.http.close()
    system.start()


def test_archives_hold_nothing_in_clear_and_open_only_whole_and_with_their_passphrase(
    before: tuple[Running, Salon], tmp_path: Path
):
    system, salon = before
    salon.client("Quetzalcoatl", phones=["+79261110055"])
    archives = back_up(system.folder, tmp_path / "safe", PASSPHRASE, utc_now())
    for archive in archives:
        assert archive.stat().st_mode & 0o077 == 0
        assert b"Quetzalcoatl" not in archive.read_bytes()
    with pytest.raises(WrongPassphrase):
        restore(archives, tmp_path / "new", "another passphrase")
    assert not (tmp_path / "new").exists()
    archives[1].write_bytes(archives[1].read_bytes()[:-20])
    with pytest.raises(WrongPassphrase):
        restore(archives, tmp_path / "new", PASSPHRASE)
    with pytest.raises(CannotStart, match="not empty"):
        restore(archives, system.folder, PASSPHRASE)


def test_archives_of_keys_are_kept_thirty_days(before: tuple[Running, Salon], tmp_path: Path):
    system, _salon = before
    now = utc_now()
    old = back_up(system.folder, tmp_path / "safe", PASSPHRASE, now - KEEP_KEYS - timedelta(hours=1))
    recent = back_up(system.folder, tmp_path / "safe", PASSPHRASE, now - KEEP_KEYS + timedelta(hours=1))
    back_up(system.folder, tmp_path / "safe", PASSPHRASE, now)
    assert [archive.exists() for archive in old] == [True, False]
    assert [archive.exists() for archive in recent] == [True, True]


def test_a_folder_without_lokon_is_not_backed_up(tmp_path: Path):
    with pytest.raises(CannotStart, match="There is no Lokon"):
        back_up(tmp_path / "nothing", tmp_path / "safe", PASSPHRASE, utc_now())


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_a_sealed_file_gives_back_what_was_written(tmp_path: Path, size: int):
    content = bytes(range(256)) * (size // 256 + 1)
    content = content[:size]
    with SealedWriter(tmp_path / "file", PASSPHRASE) as writer:
        for start in range(0, size, 100_000):
            writer.write(content[start : start + 100_000])
    with SealedReader(tmp_path / "file", PASSPHRASE) as reader:
        assert reader.read(10) + reader.read() == content
