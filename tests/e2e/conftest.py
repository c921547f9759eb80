"""Whole systems for tests through HTTP alone: one process, or every part a process of its own."""

from collections.abc import Iterator

import pytest

from tests.e2e.systems import Running, running


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
