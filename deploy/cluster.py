"""`make cluster`: every service, relay and the gateway a process of its own, on RabbitMQ and PostgreSQL."""

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import click

from chassis import config
from chassis.config import Misconfigured, Settings
from deploy import greeting, keys, ports, processes
from deploy.installation import Installation, make_databases
from deploy.postgres import PostgresServer
from deploy.rabbitmq import GivenBroker, PrivateBroker
from deploy.supervisor import Kept, Program, Supervisor

_START_WITHIN_SECONDS = 180
_GATEWAY = Path(__file__).resolve().parent.parent / "gateway" / "gunicorn.conf.py"


@click.command()
@click.option("--with-parent", is_flag=True, help="End when the process that started this one ends.")
def main(*, with_parent: bool) -> None:
    """Run Lokon in its production shape on this machine until SIGTERM or Ctrl-C."""
    if with_parent:
        processes.end_with_parent()
    environment = config.environment()
    try:
        settings = config.read({"LOKON_DATA": "var/cluster", **environment})
        installation = Installation(settings.data)
        installation.make_folders()
        cluster = Cluster(settings, installation, environment.get("LOKON_TEST_AMQP"))
    except (Misconfigured, processes.CannotStart) as failure:
        sys.exit(f"lokon: {failure}")
    supervisor = Supervisor(cluster.foundations, cluster.programs, _START_WITHIN_SECONDS)
    sys.exit(supervisor.run(partial(greeting.greet, installation, settings)))


class Cluster:
    """What runs, and which settings each part is given: its own database, its own keys, the bus."""

    def __init__(self, settings: Settings, installation: Installation, broker: str | None) -> None:
        self._settings = settings
        self._installation = installation
        self._server = PostgresServer(installation.postgres)
        self._broker = GivenBroker(broker) if broker else PrivateBroker(settings.data / "rabbitmq")

    @property
    def foundations(self) -> Sequence[Kept]:
        return [self._server, self._broker]

    def programs(self) -> list[Program]:
        """The programs to start, now that database and broker have addresses."""
        services = self._settings.services
        addresses = make_databases(self._server, self._settings)
        keys.make_apart(self._installation.keys, services)
        *others, streams = ports.free(2 * len(services) + 3)
        internal = iter(others)
        programs = []
        for service in services:
            own = {
                f"LOKON_{name.upper()}_DATABASE": address
                for name, address in addresses.items()
                if name in (service, f"{service}_keys")
            }
            log_in = {"LOKON_OWNER_PASSWORD": self._owner_password()} if service == "auth" else {}
            programs += [
                self._program(service, ("chassis.runner", service), next(internal), {**own, **log_in}),
                self._program(f"{service}-relay", ("chassis.runner", service, "relay"), next(internal), own),
            ]
        serve = ("gunicorn", "-c", str(_GATEWAY), "gateway.app:create_app()")
        host = self._settings.listen.rpartition(":")[0]
        listen = self._settings.live_listen or f"{host}:{streams}"
        live = self._program("live", ("deploy.live",), next(internal), {"LOKON_LIVE_LISTEN": listen}, keys="gateway")
        told = {"LOKON_LIVE_URL": self._settings.live_url or f"http://{listen}"}
        gateway = self._program("gateway", serve, next(internal), told)
        gateway.ready, gateway.front = partial(ports.is_ready, self._settings.listen), True
        return [*programs, live, gateway]

    def _program(
        self, name: str, module: Sequence[str], port: int, own: Mapping[str, str], keys: str | None = None
    ) -> Program:
        internal = f"127.0.0.1:{port}"
        environment = {
            "LOKON_DATA": str(self._settings.data),
            "LOKON_LISTEN": self._settings.listen,
            "LOKON_INTERNAL_LISTEN": internal,
            "LOKON_BUS": self._broker.url,
            "LOKON_KEYS": str(self._installation.keys / (keys or name.removesuffix("-relay"))),
            "LOKON_OWNER_PASSWORD": "",  # for auth alone
            **own,
        }
        command = [sys.executable, "-m", *module]
        log = self._installation.logs / f"{name}.log"
        return Program(name, command, environment, log, ready=partial(ports.is_ready, internal))

    def _owner_password(self) -> str:
        return self._installation.owner_password(self._settings.owner_password) or ""


if __name__ == "__main__":
    main()
