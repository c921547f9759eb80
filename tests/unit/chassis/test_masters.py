"""Master keys: what a source may say, where they are found, and how a file gets and loses versions."""

import stat
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from chassis.config import Misconfigured, Settings, read
from chassis.crypto import Damaged, derive, new_key
from chassis.masters import MasterFile, MasterKeys, Material, find_master, find_masters

ONE, TWO = "11" * 32, "22" * 32


def settings(folder: Path, **env: str) -> Settings:
    return replace(read(env), keys=folder)


@pytest.mark.parametrize("text", [ONE, f" {ONE}\n", f'{{"1": "{ONE}"}}'])
def test_a_key_alone_is_its_first_version(text: str) -> None:
    assert Material.read(text).versions == {1: bytes.fromhex(ONE)}


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "11", '{"1": 5}', '{"0": "' + ONE + '"}', '{"1": "1111"}', '{"root": "' + ONE + '"}', "é" * 64],
)
def test_what_is_no_key_is_refused_without_its_content(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(neither|a master key)"):
        Material.read(text)


def test_a_key_is_found_in_a_file_the_environment_and_by_a_command(tmp_path: Path) -> None:
    """All three give the same key, by service and by class of data."""
    (tmp_path / "clients.master").write_text(ONE)
    (tmp_path / "elsewhere").write_text(ONE)
    command = f"{sys.executable} -c \"print('{ONE}')\""
    expected = derive(bytes.fromhex(ONE), "x")
    for env in (
        {},
        {"LOKON_CLIENTS_MASTER": ONE},
        {"LOKON_CLIENTS_MASTER_FILE": str(tmp_path / "elsewhere")},
        {"LOKON_CLIENTS_MASTER_COMMAND": command},
    ):
        assert find_master(settings(tmp_path, **env), "clients").derived("x") == expected
    both = find_masters(settings(tmp_path, LOKON_CLIENTS_HEALTH_MASTER=TWO), "clients", ("person", "health"))
    assert both["health"].derived("x") == derive(bytes.fromhex(TWO), "x")


def test_a_class_whose_key_was_not_given_is_left_out(tmp_path: Path) -> None:
    """The key of persons is not optional; a class that the settings name has to be there, too."""
    (tmp_path / "clients.master").write_text(ONE)
    assert set(find_masters(settings(tmp_path), "clients", ("person", "health"))) == {"person"}
    with pytest.raises(Misconfigured, match=r"booking\.master"):
        find_masters(settings(tmp_path), "booking", ("person",))
    missing = settings(tmp_path, LOKON_CLIENTS_HEALTH_MASTER_FILE=str(tmp_path / "none"))
    with pytest.raises(Misconfigured, match="none"):
        find_masters(missing, "clients", ("person", "health"))


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"LOKON_CLIENTS_MASTER": "secret"}, "LOKON_CLIENTS_MASTER, which is set, holds no master key"),
        ({"LOKON_CLIENTS_MASTER_COMMAND": "/no/such/command"}, "LOKON_CLIENTS_MASTER_COMMAND cannot be run"),
        ({"LOKON_CLIENTS_MASTER_COMMAND": "false"}, "LOKON_CLIENTS_MASTER_COMMAND failed with 1"),
        ({"LOKON_CLIENTS_MASTER_COMMAND": "echo secret"}, "LOKON_CLIENTS_MASTER_COMMAND says holds no master key"),
        ({"LOKON_CLIENTS_MASTER_COMMAND": "echo 'secret"}, "LOKON_CLIENTS_MASTER_COMMAND cannot be run"),
    ],
)
def test_a_wrong_source_is_named_and_its_content_is_not(tmp_path: Path, env: dict[str, str], says: str) -> None:
    with pytest.raises(Misconfigured, match=says) as caught:
        find_master(settings(tmp_path, **env), "clients")
    assert "secret" not in str(caught.value)


def test_settings_of_two_sources_or_of_no_service_are_refused() -> None:
    with pytest.raises(Misconfigured, match="LOKON_CLIENTS_MASTER and LOKON_CLIENTS_MASTER_FILE are both set"):
        read({"LOKON_CLIENTS_MASTER": ONE, "LOKON_CLIENTS_MASTER_FILE": "x"})
    with pytest.raises(Misconfigured, match="LOKON_CLIENT_MASTER names no service"):
        read({"LOKON_CLIENT_MASTER": ONE})


def test_settings_do_not_show_a_key() -> None:
    said = repr(read({"LOKON_CLIENTS_MASTER": ONE})) + repr(Material.read(TWO))
    assert ONE not in said
    assert TWO not in said
    assert "\\x22" not in said


def test_what_is_derived_survives_the_first_version(tmp_path: Path) -> None:
    """Blind indexes and stored replies stay valid when version 1 is left out of the file; its owner alone reads it."""
    path = tmp_path / "clients.master"
    path.write_text(ONE)
    file = MasterFile(path)
    assert file.add() == 2
    file.leave_out(1)
    assert set(file.read().versions) == {2}
    assert MasterKeys(file.read).derived("search index") == derive(bytes.fromhex(ONE), "search index")
    assert file.add() == 3
    assert file.read().root == bytes.fromhex(ONE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_who_add_at_once_lose_no_version(tmp_path: Path) -> None:
    path = tmp_path / "clients.master"
    path.write_text(ONE)
    threads = [threading.Thread(target=MasterFile(path).add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(MasterFile(path).read().versions) == set(range(1, 10))


def test_a_version_made_later_is_learnt_when_it_is_met(tmp_path: Path) -> None:
    """Without a restart; and a source that is away takes nothing from what is known."""
    path = tmp_path / "clients.master"
    path.write_text(ONE)
    early, key = MasterKeys(MasterFile(path).read), new_key()
    MasterFile(path).add()
    wrapped = MasterKeys(MasterFile(path).read).wrap(key, "here", 2)
    assert early.unwrap(2, wrapped, "here") == key
    path.unlink()
    assert early.unwrap(2, wrapped, "here") == key
    with pytest.raises(Damaged, match="version 7"):
        early.unwrap(7, wrapped, "here")
