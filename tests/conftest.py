"""What several rings of tests need: one embedded database server for the whole run."""

import gc
import itertools
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine

from chassis.assembly import databases_of, migrate
from chassis.config import read
from chassis.database import connect
from deploy.postgres import WITHOUT_SYNC, PostgresServer
from tests.harness import Harness
from tests.room import roomy

# The folders of `tmp_path`, in which each test makes keys that are written for good.
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(roomy()))

# Properties are judged by what they say, not by how long a busy machine takes over an example.
settings.register_profile("lokon", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("lokon")

# Lines that nobody reads; a traceback with its local variables alone takes seconds to print.
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))

# What tests are made of stays until the end: looking through it for garbage took up to half of the time.
gc.set_threshold(50_000, 20, 20)


def pytest_collection_finish() -> None:
    gc.freeze()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for the whole run, below a folder whose name is short enough for its socket."""
    folder = Path(tempfile.mkdtemp(prefix="lokon-tests-", dir=roomy()))
    with PostgresServer(folder, WITHOUT_SYNC) as server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def server(postgres: PostgresServer) -> Iterator[Engine]:
    """A way to make and drop databases: each statement is a transaction of its own."""
    engine = connect(postgres.url("postgres"), 2).execution_options(isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def aside() -> Iterator[ThreadPoolExecutor]:
    """Where databases are copied and dropped while a test has others: both take longer than most tests."""
    with ThreadPoolExecutor(1) as pool:
        yield pool


@pytest.fixture(scope="session")
def new_database(postgres: PostgresServer, server: Engine) -> Callable[..., str]:
    """A function that makes one more database and says its address; `template` is the name of one to copy."""
    numbers = itertools.count(1)

    def make(name: str, template: str = "template1") -> str:
        database = f"{name}_{next(numbers)}"
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {database} TEMPLATE {template} STRATEGY FILE_COPY")
        return postgres.url(database)

    return make


@pytest.fixture(scope="session")
def copied(new_database: Callable[..., str], aside: ThreadPoolExecutor) -> Callable[..., dict[str, str]]:
    """A function that gives fresh copies of `templates`, databases by name; the next ones are made ahead."""
    ahead: dict[str, Future[dict[str, str]]] = {}

    def copies(templates: dict[str, str]) -> dict[str, str]:
        return {name: new_database(name, named(template)) for name, template in templates.items()}

    def make(what: str, templates: dict[str, str]) -> dict[str, str]:
        databases = ahead[what].result() if what in ahead else copies(templates)
        ahead[what] = aside.submit(copies, templates)
        return databases

    return make


@pytest.fixture(scope="session")
def migrated(
    new_database: Callable[..., str], copied: Callable[..., dict[str, str]]
) -> Callable[[str], dict[str, str]]:
    """A function that gives a service fresh databases, copied from ones that were migrated once."""
    templates: dict[str, dict[str, str]] = {}

    def make(service: str) -> dict[str, str]:
        if service not in templates:
            made = {name: new_database(f"template_{name}") for name in databases_of(service)}
            migrate(service, replace(read({}), databases=made))
            templates[service] = made
        return copied(service, templates[service])

    return make


def named(address: str) -> str:
    """The name of the database at an address."""
    return address.rpartition("/")[2].partition("?")[0]


@pytest.fixture
def start(
    migrated: Callable[[str], dict[str, str]], server: Engine, aside: ThreadPoolExecutor, tmp_path: Path
) -> Iterator[Callable[..., Harness]]:
    """A function that starts a service on databases of its own, without a bus; settings by keyword.

    On empty ones, unless `databases` says on which; then `keys` is the folder of the keys that they were filled with.
    """
    started: list[Harness] = []

    def make(
        service: str, databases: dict[str, str] | None = None, keys: Path | None = None, **changes: object
    ) -> Harness:
        folder = tmp_path / f"keys-{len(started)}"
        if keys:
            shutil.copytree(keys, folder)
        harness = Harness(service, databases or migrated(service), folder, **changes)
        started.append(harness)
        return harness

    def drop(databases: Iterable[str]) -> None:
        with server.connect() as connection:
            for address in databases:
                connection.exec_driver_sql(f"DROP DATABASE {named(address)} WITH (FORCE)")

    yield make
    for harness in started:
        harness.close()
        aside.submit(drop, harness.settings.databases.values())
