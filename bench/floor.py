"""The floors: what kombu does with nothing on top of it."""

# ruff: noqa: E402  eventlet patches before anything else is imported
# mypy: disable-error-code="attr-defined,no-untyped-call,name-defined"

import eventlet

eventlet.monkey_patch()

import os

import kombu


def echo(url: str) -> None:
    """Send every message back to whoever asked, until we are ended."""
    connection = kombu.Connection(url)
    producer = kombu.Producer(connection.channel())
    queue = kombu.Queue("bare.echo", durable=False, auto_delete=True)

    def answer(body: object, message: kombu.Message) -> None:
        asked = message.properties
        producer.publish(
            body,
            routing_key=asked["reply_to"],
            correlation_id=asked["correlation_id"],
            delivery_mode=1,
            serializer="json",
        )
        message.ack()

    with kombu.Consumer(connection.channel(), [queue], callbacks=[answer], prefetch_count=64):
        print("ready", flush=True)
        while True:
            connection.drain_events()


if __name__ == "__main__":
    echo(os.environ["BENCH_BUS"])
