"""Whole systems for tests through HTTP alone: one process, or every part a process of its own."""

from collections.abc import Iterator

import pytest

from tests.e2e.systems import Running, running

# Begun first: whichever file is begun last, the other workers wait for, and these take minutes.
LONGEST = ("test_web_document.py", "test_demo_load.py", "test_failures_cluster.py", "test_erasure.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.fixture(scope="module")
def embedded() -> Iterator[Running]:
    """A fresh installation in one process."""
    with running("embedded") as system:
        yield system


@pytest.fixture(scope="module")
def cluster() -> Iterator[Running]:
    """A fresh installation, every part a process of its own, on RabbitMQ."""
    with running("cluster") as system:
        yield system


@pytest.fixture(scope="module", params=["embedded", "cluster"])
def system(request: pytest.FixtureRequest) -> Running:
    """Both shapes, one after the other: what holds for one must hold for the other."""
    return request.getfixturevalue(request.param)
