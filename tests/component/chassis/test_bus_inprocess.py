"""The bus inside one process: the transport by itself, and client, server and intake on it."""

import subprocess
import sys
import threading

import kombu
import pytest

from chassis.messaging.link import Link, publisher

SCENARIOS = (
    "what_arrives_during_a_transaction_is_the_next_batch",
    "nothing_is_lost_while_the_database_is_away",
    "a_failed_event_is_tried_again_while_the_others_go_on",
    "a_gap_that_stays_is_asked_for",
    "what_cannot_be_decoded_is_put_aside",
    "a_service_that_stops_answers_whom_it_has_begun_to_serve",
    "a_worker_learns_that_a_request_was_delivered_before",
    "a_caller_who_gives_up_leaves_nothing_behind",
    "wakes_that_follow_each_other_closely_are_one",
    "broadcasts_are_heard_by_everybody_and_missed_ones_are_fetched",
)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_on_the_in_process_bus(scenario: str) -> None:
    """Eventlet patches a whole process, so each scenario runs in one of its own."""
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.component.chassis.bus_scenarios", scenario],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr


def test_kombu_itself_publishes_and_consumes_by_topic() -> None:
    heard: list[object] = []
    with kombu.Connection("inprocess://kombu", transport="chassis.inprocess:Transport") as connection:
        exchange = kombu.Exchange("facts", "topic")
        queue = kombu.Queue("interested", exchange, routing_key="visits.*.done.#")
        with connection.Consumer(queue, callbacks=[lambda body, message: (heard.append(body), message.ack())]):
            producer = connection.Producer()
            for key in ("visits.1.done", "visits.2.begun", "visits.3.done.late", "visits.done"):
                producer.publish({"key": key}, exchange=exchange, routing_key=key)
            connection.drain_events(timeout=1)
            connection.drain_events(timeout=1)
            with pytest.raises(TimeoutError):
                connection.drain_events(timeout=0.05)
    assert heard == [{"key": "visits.1.done"}, {"key": "visits.3.done.late"}]


def test_consumers_take_turns_up_to_their_prefetch() -> None:
    links, taken = [Link("inprocess://turns", name=str(number)) for number in range(2)], ([], [])
    for link, mine in zip(links, taken, strict=True):
        channel = link.channel()
        channel.queue_declare(queue="work")
        channel.basic_qos(0, 2)
        channel.basic_consume(queue="work", callback=mine.append)
    publish = publisher(links[0].channel())
    for number in range(5):
        publish(str(number).encode(), "", "work")
    for link in links:
        while link.drain(0.01):
            pass
    assert [[message.body for message in mine] for mine in taken] == [[b"0", b"2"], [b"1", b"3"]]
    taken[1][-1].channel.basic_ack(taken[1][-1].delivery_tag, multiple=True)
    assert links[1].drain(0.1)
    assert taken[1][-1].body == b"4"


def test_what_was_not_acknowledged_goes_back_in_its_old_order() -> None:
    first, second = Link("inprocess://back", name="first"), Link("inprocess://back", name="second")
    channel, heard = first.channel(), []
    channel.queue_declare(queue="work")
    publish = publisher(channel)
    for number in range(3):
        publish(str(number).encode(), "", "work")
    channel.basic_consume(queue="work", callback=lambda message: None)
    while first.drain(0.01):
        pass
    first.close()
    with pytest.raises(Exception, match="already closed"):
        publish(b"too late", "", "work")
    second.channel().basic_consume(queue="work", no_ack=True, callback=heard.append)
    while second.drain(0.01):
        pass
    assert [(message.body, message.delivery_info["redelivered"]) for message in heard] == [
        (b"0", True),
        (b"1", True),
        (b"2", True),
    ]


def test_a_queue_keeps_no_more_than_its_limit_and_drops_the_oldest() -> None:
    link = Link("inprocess://limit", name="limit")
    channel, heard = link.channel(), []
    channel.queue_declare(queue="wake", arguments={"x-max-length": 1})
    for body in (b"old", b"new"):
        publisher(channel)(body, "", "wake")
    channel.basic_consume(queue="wake", no_ack=True, callback=heard.append)
    assert link.drain(0.1)
    assert [message.body for message in heard] == [b"new"]


def test_threads_that_eventlet_has_not_touched_can_use_it_too() -> None:
    link, heard = Link("inprocess://threads", name="threads"), threading.Event()
    channel = link.channel()
    channel.queue_declare(queue="work")
    channel.basic_consume(queue="work", no_ack=True, callback=lambda _message: heard.set())
    drainer = threading.Thread(target=link.drain)
    drainer.start()
    publisher(Link("inprocess://threads", name="other").channel())(b"x", "", "work")
    assert heard.wait(2)
    drainer.join()
