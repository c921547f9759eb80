"""The private broker and the supervisor: what dies comes back, what is told to stop stops, nothing is left running."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import kombu
import pytest

from deploy.processes import CannotStart
from deploy.rabbitmq import PrivateBroker, find_broker
from deploy.supervisor import Program, Supervisor

ROOT = Path(__file__).resolve().parents[2]


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not within its time"
        time.sleep(0.02)


def members_of_group(group: int) -> list[int]:
    listed = subprocess.run(["ps", "-e", "-o", "pid=,pgid=,stat="], check=True, capture_output=True, text=True).stdout
    rows = [line.split() for line in listed.splitlines()]
    return [int(pid) for pid, of_group, state in rows if int(of_group) == group and not state.startswith("Z")]


def start_python(code: str, *arguments: str) -> subprocess.Popen[str]:
    """A program in a process group of its own, as a shell starts one."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
    )


def test_a_killed_broker_comes_back_at_the_same_address_with_its_durable_messages(tmp_path: Path):
    with PrivateBroker(tmp_path) as broker:
        address = broker.url
        with kombu.Connection(address) as connection:
            queue = kombu.Queue("kept", queue_arguments={"x-queue-type": "quorum"}, channel=connection.default_channel)
            queue.declare()
            producer = connection.Producer()
            producer.publish({"n": 1}, routing_key="kept", delivery_mode=2)
            until(lambda: queue.queue_declare(passive=True).message_count == 1)
        time.sleep(1)  # RabbitMQ saves where its quorum queues are twice a second
        broker.kill()
        assert not broker.alive()
        broker.start()
        assert broker.url == address
        with kombu.Connection(broker.url) as connection:
            # Fetched, not counted: the count is out of date until the queue has elected its leader.
            until(lambda: kombu.Queue("kept", channel=connection.default_channel).get() is not None)


def test_two_private_brokers_run_beside_each_other_and_end_with_a_killed_parent(tmp_path: Path):
    process = start_python(
        "import sys, time\n"
        "from pathlib import Path\n"
        "from deploy.rabbitmq import PrivateBroker\n"
        "brokers = [PrivateBroker(Path(folder)) for folder in sys.argv[1:]]\n"
        "for broker in brokers: broker.start()\n"
        "print(*(broker.url for broker in brokers), flush=True)\n"
        "time.sleep(600)\n",
        str(tmp_path / "one"),
        str(tmp_path / "two"),
    )
    first, second = process.stdout.readline().split()
    assert first != second
    # The node and its port mapper, twice, and the parent.
    assert len(members_of_group(process.pid)) == 5
    process.kill()
    process.wait()
    until(lambda: members_of_group(process.pid) == [])
    until(lambda: str(tmp_path).encode() not in b"".join(file_of_commands()))
    process.stdout.close()


def file_of_commands() -> list[bytes]:
    commands = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                commands.append((entry / "cmdline").read_bytes())
            except OSError:
                continue
    return commands


def test_a_broker_that_was_named_is_used_and_none_is_started(tmp_path: Path):
    with find_broker("amqp://elsewhere//", tmp_path / "broker") as address:
        assert address == "amqp://elsewhere//"
    assert not (tmp_path / "broker").exists()


SUPERVISED = """
import sys
from pathlib import Path
from deploy.supervisor import Program, Supervisor
folder = Path(sys.argv[1])
polite = "import signal, sys, time; print('up', flush=True); signal.signal(15, lambda *_: sys.exit(0)); time.sleep(600)"
stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"
programs = [
    Program(name, [sys.executable, "-c", code], {"GREETING": "hello"}, folder / f"{name}.log", ready=lambda: True)
    for name, code in (("polite", polite), (sys.argv[2], stubborn if sys.argv[2] == "stubborn" else polite))
]
def report():
    print(*(program.process.pid for program in programs), flush=True)
sys.exit(Supervisor([], lambda: programs, start_within_seconds=10).run(report))
"""


def test_a_program_that_dies_is_started_again(tmp_path: Path):
    process = start_python(SUPERVISED, str(tmp_path), "other")
    first, _other = map(int, process.stdout.readline().split())
    until(lambda: (tmp_path / "polite.log").exists() and (tmp_path / "polite.log").read_text().count("up") == 1)
    os.kill(first, signal.SIGKILL)
    until(lambda: (tmp_path / "polite.log").read_text().count("up") == 2)
    assert len(members_of_group(process.pid)) == 3
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert members_of_group(process.pid) == []
    process.stdout.close()


@pytest.mark.parametrize(("other", "number", "within"), [("other", signal.SIGINT, 5), ("stubborn", signal.SIGTERM, 20)])
def test_a_signal_ends_everything_in_time(tmp_path: Path, other: str, number: signal.Signals, within: float):
    process = start_python(SUPERVISED, str(tmp_path), other)
    assert len(process.stdout.readline().split()) == 2
    time.sleep(0.3)  # the stubborn one has to get as far as ignoring the signal
    process.send_signal(number)
    assert process.wait(within) == 0
    assert members_of_group(process.pid) == []
    process.stdout.close()


def test_programs_end_with_a_killed_supervisor(tmp_path: Path):
    process = start_python(SUPERVISED, str(tmp_path), "other")
    process.stdout.readline()
    process.kill()
    process.wait()
    until(lambda: members_of_group(process.pid) == [])
    process.stdout.close()


def test_a_start_that_fails_says_why_and_leaves_nothing_running(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    log = tmp_path / "broken.log"
    broken = Program(
        "broken", [sys.executable, "-c", "raise SystemExit('no database there')"], {}, log, ready=lambda: False
    )
    fine = Program(
        "fine", [sys.executable, "-c", "import time; time.sleep(600)"], {}, tmp_path / "fine.log", ready=lambda: True
    )
    never = Program("never", fine.command, {}, tmp_path / "never.log", ready=lambda: False)
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]
    try:
        assert Supervisor([], lambda: [fine, broken], start_within_seconds=10).run(lambda: None) == 1
        assert "no database there" in capfd.readouterr().err
        assert Supervisor([], lambda: [fine, never], start_within_seconds=0.5).run(lambda: None) == 1
        assert "never is not ready in time" in capfd.readouterr().err
    finally:
        for number, handler in zip((signal.SIGTERM, signal.SIGINT, signal.SIGHUP), handlers, strict=True):
            signal.signal(number, handler)
    assert not fine.alive()
    assert not never.alive()


def test_a_broker_without_a_server_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("deploy.rabbitmq._installed", lambda: None)
    monkeypatch.setattr("deploy.packages.install", lambda *_names: False)
    with pytest.raises(CannotStart, match="install rabbitmq-server, or name a broker in LOKON_TEST_AMQP"):
        PrivateBroker(tmp_path).start()
