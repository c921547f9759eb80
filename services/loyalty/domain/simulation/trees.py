"""Clients in an order in which those stand together who bear on each other."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID


def by_trees(clients: Iterable[UUID], claims: Iterable[tuple[UUID, UUID]]) -> list[UUID]:
    """All `clients`, tree by tree, each followed by those they brought and whoever these did.

    `claims` are (client, referrer) as cards have ever said, loops included.
    """
    below: dict[UUID, list[UUID]] = defaultdict(list)
    brought = set()
    for client_id, referrer_id in sorted(claims):
        below[referrer_id].append(client_id)
        brought.add(client_id)
    wanted = set(clients)
    everybody = sorted(wanted | brought | below.keys(), key=lambda each: (each in brought, each))
    found: list[UUID] = []
    seen: set[UUID] = set()
    for first in everybody:  # who was brought by nobody, and at the end whoever is left in loops
        waiting = [first]
        while waiting:
            client_id = waiting.pop()
            if client_id not in seen:
                seen.add(client_id)
                waiting += below.get(client_id, ())
                if client_id in wanted:
                    found.append(client_id)
    return found
