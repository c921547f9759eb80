"""The embedded database server: whoever starts it, however it ends, the data stay and nothing is left running."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from deploy import ownership
from deploy.postgres import WITHOUT_SYNC, PostgresServer
from deploy.processes import CannotStart

ROOT = Path(__file__).resolve().parents[2]
HOLDS_A_SERVER = """
import sys, time
from pathlib import Path
from deploy.postgres import PostgresServer, WITHOUT_SYNC
server = PostgresServer(Path(sys.argv[1]), WITHOUT_SYNC)
server.start()
print(server.pid, flush=True)
time.sleep(600)
"""


def connect(server: PostgresServer, database: str = "postgres") -> psycopg.Connection:
    return psycopg.connect(server.url(database).replace("+psycopg", ""), autocommit=True)


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not within its time"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return True


@pytest.fixture
def holder(tmp_path: Path):
    """Another process that holds a server over the test's folder; yields it and the server's process id."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS_A_SERVER, str(tmp_path / "pg")], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    yield process, int(process.stdout.readline())
    process.kill()
    process.wait()
    process.stdout.close()


def test_data_outlive_an_orderly_stop(tmp_path: Path):
    for expected in (1, 2):
        with PostgresServer(tmp_path / "pg", WITHOUT_SYNC) as server, connect(server) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS visit (id serial)")
            connection.execute("INSERT INTO visit DEFAULT VALUES")
            assert connection.execute("SELECT count(*) FROM visit").fetchone() == (expected,)


def test_the_server_is_our_child_in_our_process_group_and_off_the_network(tmp_path: Path):
    with PostgresServer(tmp_path / "pg", WITHOUT_SYNC) as server, connect(server) as connection:
        assert os.getpgid(server.pid) == os.getpgid(0)
        assert f"PPid:\t{os.getpid()}\n" in Path(f"/proc/{server.pid}/status").read_text()
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


@pytest.mark.parametrize("way", ["namespace", "another user"] if os.geteuid() == 0 else ["directly"])
def test_a_private_home_is_no_obstacle(tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch):
    if way == "another user":  # as in a container that forbids user namespaces
        monkeypatch.setattr(ownership, "_works", lambda _command: False)
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with PostgresServer(home / "pg", WITHOUT_SYNC) as server:
        server.ensure_database("booking", role="booking")
        assert server.query("SELECT lower('ЖАННА')", "booking") == "жанна"
    assert (home / "pg" / "data").stat().st_mode & 0o777 == 0o700


def test_a_folder_made_in_a_namespace_can_be_used_where_namespaces_are_forbidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with PostgresServer(tmp_path / "pg", WITHOUT_SYNC) as server:
        server.ensure_database("booking")
    monkeypatch.setattr(ownership, "_works", lambda _command: False)
    with PostgresServer(tmp_path / "pg", WITHOUT_SYNC) as server:
        assert server.query("SELECT 1", "booking") == "1"


def test_the_server_ends_with_a_killed_parent_and_its_folder_is_free_again(tmp_path: Path, holder):
    process, pid = holder
    process.kill()
    until(lambda: gone(pid))
    with PostgresServer(tmp_path / "pg", WITHOUT_SYNC) as server:
        assert server.query("SELECT 1") == "1"


def test_a_server_that_outlived_its_parent_is_ended_and_replaced(tmp_path: Path):
    first = PostgresServer(tmp_path / "pg", WITHOUT_SYNC)
    first.start()
    first._lock.close()  # what the kernel does for a parent that died
    with PostgresServer(tmp_path / "pg", WITHOUT_SYNC) as second:
        assert second.query("SELECT 1") == "1"
        assert not first.alive()


def test_a_dead_server_can_be_started_again_in_place(tmp_path: Path):
    with PostgresServer(tmp_path / "pg", WITHOUT_SYNC) as server:
        os.kill(server.pid, signal.SIGKILL)
        until(lambda: not server.alive())
        server.start()
        assert server.query("SELECT 1") == "1"


def test_two_lokons_on_one_folder_are_refused(tmp_path: Path, holder):
    with pytest.raises(CannotStart, match="already runs"):
        PostgresServer(tmp_path / "pg", WITHOUT_SYNC).start()
    assert holder[0].poll() is None


def test_a_long_path_gets_a_short_socket(tmp_path: Path):
    with PostgresServer(tmp_path / ("deep" * 25), WITHOUT_SYNC) as server:
        assert server.query("SELECT 1") == "1"
        folder = server.socket_folder
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()


def test_a_half_made_data_folder_is_made_anew(tmp_path: Path):
    (tmp_path / "pg" / "data.new" / "base").mkdir(parents=True)
    with PostgresServer(tmp_path / "pg", WITHOUT_SYNC) as server:
        assert server.query("SELECT 1") == "1"


def test_values_of_failed_statements_stay_out_of_the_log(tmp_path: Path):
    phone = "+79261234567"
    with PostgresServer(tmp_path / "pg", WITHOUT_SYNC) as server, connect(server) as connection:
        connection.execute("CREATE TABLE card (phone text UNIQUE, age integer)")
        connection.execute("INSERT INTO card (phone) VALUES (%s)", (phone,))
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO card (phone) VALUES (%s)", (phone,))
        with pytest.raises(psycopg.errors.NumericValueOutOfRange):
            connection.execute(f"INSERT INTO card (age) VALUES ('{phone}')")
    assert phone not in server.log.read_text()


def test_each_service_has_a_database_that_other_roles_may_not_enter(tmp_path: Path):
    with PostgresServer(tmp_path / "pg", WITHOUT_SYNC) as server:
        for name in ("booking", "clients"):
            server.ensure_database(name, role=name)
            server.ensure_database(name, role=name)  # twice is once
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(server.url("clients", role="booking").replace("+psycopg", ""))
        with psycopg.connect(server.url("booking", role="booking").replace("+psycopg", "")) as connection:
            connection.execute("CREATE EXTENSION btree_gist")
