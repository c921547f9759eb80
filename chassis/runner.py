"""One service, or its relay, as a process: `python -m chassis.runner SERVICE [serve|relay|migrate|…]`."""

import os
import sys

SERVES = __name__ == "__main__" and not {"relay", "migrate", "keys"} & set(sys.argv[2:3])
if SERVES:  # before anything that imports threads or sockets
    # Eventlet's own resolver remembers an address for as long as its TTL says, and so would look for a broker that came
    # back somewhere else where it was.
    os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")  # noqa: TID251  read by eventlet, not by us
    import eventlet

    eventlet.monkey_patch()

import signal
import threading
import time
from collections.abc import Iterable
from types import FrameType

import click

from chassis import assembly
from chassis.config import SERVICES, Misconfigured, Settings, settings
from chassis.database import connect
from chassis.key_commands import keys
from chassis.messaging.client import Client
from chassis.messaging.dispatch import Dispatcher
from chassis.messaging.parked import Parked
from chassis.observability import configure_logs, log, serve_internal
from chassis.relay import Relay
from contracts.bus import CheckHealth
from kernel.errors import Refusal, Unavailable


@click.group(invoke_without_command=True)
@click.argument("service", type=click.Choice(SERVICES))
@click.pass_context
def main(context: click.Context, service: str) -> None:
    """Run SERVICE (the default), or do something with it."""
    configure_logs(service)
    context.obj = service
    if context.invoked_subcommand is None:
        context.invoke(serve)


main.add_command(keys)


@main.command()
@click.pass_obj
def serve(service: str) -> None:
    """Migrate, then answer requests and take in events until told to stop; then finish what has begun."""
    from chassis.messaging.server import host

    config = settings()
    assembly.migrate(service, config)
    client, dispatcher = _join(service, config)
    dispatcher.started()
    container = host(dispatcher, url=config.bus, tls=config.bus_tls(), workers=config.workers)
    container.start()
    if config.internal_listen:
        serve_internal(config.internal_listen, lambda: _missing(dispatcher))
    dispatcher.keep_house()
    log(service).info("serving")
    _wait_for_the_end()
    container.stop()
    client.close()
    dispatcher.close()
    log(service).info("stopped")


@main.command()
@click.pass_obj
def relay(service: str) -> None:
    """Publish what the service announces, until told to stop."""
    config = settings()
    engine = connect(config.database(service), pool=2)
    runs = Relay(service, engine, url=config.bus, tls=config.bus_tls())
    worker = threading.Thread(target=runs.run)
    worker.start()
    if config.internal_listen:
        serve_internal(config.internal_listen, lambda: () if worker.is_alive() else ("the relay",))
    _wait_for_the_end()
    runs.stop()
    worker.join()
    engine.dispose()


@main.command()
@click.pass_obj
def migrate(service: str) -> None:
    """Bring the service's databases to the newest revision."""
    for revision in assembly.migrate(service, settings()):
        click.echo(revision)


@main.command()
@click.pass_obj
def rebuild(service: str) -> None:
    """Empty what the service derived from events, and derive it anew from the first event on."""
    derived = assembly.derived_tables(service)
    if not derived:
        raise click.ClickException(f"{service} keeps nothing that could be derived anew")
    client, dispatcher = _join(service, settings())
    try:
        click.echo(f"{dispatcher.inbox.rebuild(derived)} events read")
    except Unavailable:
        click.echo("emptied; the bus cannot be reached from here, the running service reads the events within a minute")
    client.close()


@main.group()
@click.pass_context
def parked(context: click.Context) -> None:
    """Events that the service could not handle: list them, replay or discard them."""
    client, dispatcher = _join(context.obj, settings())
    context.call_on_close(client.close)
    context.obj = Parked(dispatcher.transaction, dispatcher.inbox)


@parked.command("list")
@click.pass_obj
def list_parked(events: Parked) -> None:
    """Producer, number, name, handler, attempts and reason of each."""
    for row in events.list():
        click.echo(f"{row.producer}\t{row.number}\t{row.name}\t{row.handler}\t{row.attempts}\t{row.reason}")


@parked.command()
@click.argument("producer")
@click.argument("number", type=int)
@click.pass_obj
def replay(events: Parked, producer: str, number: int) -> None:
    """Handle the event now; it stays parked if that fails."""
    try:
        events.replay(producer, number)
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from None


@parked.command()
@click.argument("producer")
@click.argument("number", type=int)
@click.pass_obj
def discard(events: Parked, producer: str, number: int) -> None:
    """Give the event up: its effect will never be."""
    try:
        events.discard(producer, number)
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from None


@main.group()
@click.pass_obj
def journal(service: str) -> None:
    """What was done, for the service that keeps the journal."""
    if not hasattr(assembly.service_class(service), "verify_journal"):
        raise click.ClickException(f"{service} keeps no journal")


@journal.command()
@click.option("--head", help="NUMBER:HASH as it was noted earlier; without it nobody sees that the end is missing.")
@click.pass_obj
def verify(service: str, head: str | None) -> None:
    """Walk the journal and print its head, to be noted elsewhere; fail at the first entry that is not as written."""
    client, dispatcher = _join(service, settings())
    try:
        with dispatcher.transaction() as session:
            click.echo(dispatcher.instance.verify_journal(session, head))
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from None
    finally:
        client.close()
        dispatcher.close()


def _join(service: str, config: Settings) -> tuple[Client, Dispatcher]:
    """The service and its own way to the bus."""
    client = Client(config.bus, name=service, tls=config.bus_tls())
    return client, assembly.assemble(service, config, client, wake=lambda: client.wake(service))


def _missing(dispatcher: Dispatcher) -> Iterable[str]:
    """What the service lacks, asked over the bus, so that a service that nobody can reach is not ready."""
    try:
        return dispatcher.call(CheckHealth(), service=dispatcher.name).missing
    except Refusal as refusal:
        return (refusal.message,)


def _wait_for_the_end() -> None:
    """Return at SIGTERM or SIGINT. A plain list: who is interrupted may hold the lock of anything cleverer."""
    told: list[int] = []

    def tell(number: int, _frame: FrameType | None) -> None:
        told.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, tell)
    while not told:
        time.sleep(0.2)


if __name__ == "__main__":
    try:
        main()
    except Misconfigured as error:
        sys.exit(f"lokon: {error}")
