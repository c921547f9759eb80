"""What several rings of tests need: one embedded database server for the whole run."""

import itertools
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from chassis.assembly import databases_of, migrate
from chassis.config import read
from deploy.postgres import WITHOUT_SYNC, PostgresServer
from tests.harness import Harness

# Lines that nobody reads; a traceback with its local variables alone takes seconds to print.
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for the whole run, below a folder whose name is short enough for its socket."""
    folder = Path(tempfile.mkdtemp(prefix="lokon-tests-", dir="/tmp"))
    with PostgresServer(folder, WITHOUT_SYNC) as server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def new_database(postgres: PostgresServer) -> Callable[..., str]:
    """A function that makes one more database and says its address; `template` is the name of one to copy."""
    numbers = itertools.count(1)

    def make(name: str, template: str | None = None) -> str:
        database = f"{name}_{next(numbers)}"
        postgres.ensure_database(database, template=template)
        return postgres.url(database)

    return make


@pytest.fixture(scope="session")
def migrated(new_database: Callable[..., str]) -> Callable[[str], dict[str, str]]:
    """A function that gives a service fresh databases, copied from ones that were migrated once."""
    templates: dict[str, str] = {}

    def make(service: str) -> dict[str, str]:
        names = databases_of(service)
        if service not in templates:
            for name in names:
                templates[name] = new_database(f"template_{name}")
            migrate(service, replace(read({}), databases=templates))
        return {name: new_database(name, templates[name].rpartition("/")[2].partition("?")[0]) for name in names}

    return make


@pytest.fixture
def start(migrated: Callable[[str], dict[str, str]], tmp_path: Path) -> Iterator[Callable[..., Harness]]:
    """A function that starts a service on databases of its own, without a bus; settings by keyword."""
    started: list[Harness] = []

    def make(service: str, **changes: object) -> Harness:
        harness = Harness(service, migrated(service), tmp_path / f"keys-{len(started)}", **changes)
        started.append(harness)
        return harness

    yield make
    for harness in started:
        harness.close()
