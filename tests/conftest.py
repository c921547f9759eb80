"""What several rings of tests need: one embedded database server for the whole run."""

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.postgres import WITHOUT_SYNC, PostgresServer


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
