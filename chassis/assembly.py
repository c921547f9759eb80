"""Puts a service together from its class, its databases and its keys; whoever runs it brings the bus."""

import importlib
from collections.abc import Callable
from typing import Any

from chassis import migrations
from chassis.config import Misconfigured, Settings
from chassis.crypto import USERS, KeyFolder
from chassis.database import connect, wait_until_there
from chassis.keyring import Keyring
from chassis.masters import PERSON, find_master, find_masters, master_name
from chassis.messaging.ask import Bus, Call, Identity
from chassis.messaging.dispatch import Dispatcher

DATABASE_PATIENCE = 60.0  # seconds that a start waits for the database


def service_class(name: str) -> type[Any]:
    """The class in `services/<name>/service.py` whose `name` is `name`."""
    module = importlib.import_module(f"services.{name}.service")
    for member in vars(module).values():
        if isinstance(member, type) and vars(member).get("name") == name:
            return member
    raise Misconfigured(f"services/{name}/service.py has no service of that name")


def needs_keyring(service: type[Any]) -> bool:
    return bool(getattr(service, "needs_keyring", False))


def key_classes(service: type[Any]) -> tuple[str, ...]:
    """The classes of data that the service seals under keys of their own."""
    return tuple(getattr(service, "key_classes", (PERSON,)))


def masters_of(name: str) -> tuple[str, ...]:
    """The names of the service's master keys, one for each class of data."""
    return tuple(master_name(name, key_class) for key_class in key_classes(service_class(name)))


def keyring_of(name: str, config: Settings) -> Keyring:
    """The keyring of a service that has one."""
    service = service_class(name)
    if not needs_keyring(service):
        raise Misconfigured(f"{name} keeps no keys of persons")
    engine = connect(config.database(f"{name}_keys"), config.workers)
    return Keyring(engine, find_masters(config, name, key_classes(service)), name)


def databases_of(name: str) -> tuple[str, ...]:
    """The databases of a service by the names of their settings: its own, and the one of its keys."""
    return (name, f"{name}_keys") if needs_keyring(service_class(name)) else (name,)


def migrate(name: str, config: Settings) -> list[str]:
    """Bring the service's databases to the newest revision; the revisions that were run."""
    ran: list[str] = []
    for database in databases_of(name):
        engine = connect(config.database(database), pool=1)
        try:
            wait_until_there(engine, DATABASE_PATIENCE)
            folder = migrations.KEYRING if database.endswith("_keys") else migrations.folder_of(name)
            ran += [f"{database} {revision}" for revision in migrations.upgrade(engine, folder)]
        finally:
            engine.dispose()
    return ran


def assemble(name: str, config: Settings, bus: Bus, wake: Callable[[], None]) -> Dispatcher:
    """The service `name`, ready to answer; it asks others over `bus` and calls `wake` after it announced something.

    Its class says what it needs besides its database: `needs_keyring` (then it has `keyring`, with the
    `key_classes` that it names), `needs_master`
    (`master`, its master keys), `needs_user_signer` (`user_signer`). `settings` it always has.
    """
    service = service_class(name)
    keys = KeyFolder(config.keys)
    master = find_master(config, name)
    service.settings = config
    if getattr(service, "needs_master", False):
        service.master = master
    if getattr(service, "needs_user_signer", False):
        service.user_signer = keys.signer(USERS)
    if needs_keyring(service):
        service.keyring = keyring_of(name, config)
    return Dispatcher(
        service,
        engine=connect(config.database(name), config.workers),
        verifier=keys.verifier(),
        call=Call(bus, Identity(name, keys.signer(name)), config.services),
        replies_key=master.derived("replies"),
        wake=wake,
    )


def derived_tables(name: str) -> tuple[str, ...]:
    """The tables of a service that hold nothing but what events said; `rebuild` empties them."""
    tables = importlib.import_module(f"services.{name}.tables")
    return tuple(table.name for table in getattr(tables, "derived", ()))
