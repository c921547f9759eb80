"""The same people in every suite: Anna works here, Boris works at another branch, Clara is a client."""

from typing import Any
from uuid import UUID

from kernel.caller import Caller

HERE = UUID("0190a000-0000-7000-8000-00000000000a")
ELSEWHERE = UUID("0190a000-0000-7000-8000-00000000000b")
CLARA = UUID("0190a000-0000-7000-8000-00000000000c")

OWNER = Caller(
    id=UUID("0190a000-0000-7000-8000-000000000001"),
    kind="user",
    permissions=frozenset({"*"}),
    marks=frozenset({"*"}),
    everywhere=True,
    session_id=UUID("0190a000-0000-7000-8000-000000000011"),
)


def a_user(*permissions: str, **changes: Any) -> Caller:
    """Somebody signed in with `permissions`, in no branch unless `branch_ids` says so."""
    words: dict[str, Any] = {
        "id": UUID("0190a000-0000-7000-8000-000000000002"),
        "kind": "user",
        "permissions": frozenset(permissions),
        "session_id": UUID("0190a000-0000-7000-8000-000000000012"),
    }
    return Caller(**(words | changes))


def anna(*permissions: str, **changes: Any) -> Caller:
    """Anna works here."""
    return a_user(*permissions, **({"branch_ids": frozenset({HERE})} | changes))


def boris(*permissions: str, **changes: Any) -> Caller:
    """Boris works at another branch."""
    words: dict[str, Any] = {
        "id": UUID("0190a000-0000-7000-8000-000000000003"),
        "branch_ids": frozenset({ELSEWHERE}),
        "session_id": UUID("0190a000-0000-7000-8000-000000000013"),
    }
    return a_user(*permissions, **(words | changes))


def a_service(name: str) -> Caller:
    return Caller(kind="service", service=name)
