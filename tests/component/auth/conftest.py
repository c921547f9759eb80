"""Passwords that are quickly kept: what each costs is proved where they are kept, in the ring of units."""

import secrets

import pytest
from argon2 import PasswordHasher

from services.auth import passwords

HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash of full strength takes a core for longer than the rest of a test."""
    monkeypatch.setattr(passwords, "_hasher", HASHER)
    monkeypatch.setattr(passwords, "NOBODYS", HASHER.hash(secrets.token_hex()))
