"""The permissions that there are, read from the contracts of all services."""

from contracts import analytics, auth, booking, clients, loyalty
from contracts.message import INTERNAL, PUBLIC, SIGNED_IN, all_requests

# Whatever a role is checked against has to be imported first.
SERVICES = (analytics, auth, booking, clients, loyalty)

WORDS = frozenset(
    request.permission
    for request in all_requests().values()
    if request.permission not in (INTERNAL, PUBLIC, SIGNED_IN) and request.__module__ in {m.__name__ for m in SERVICES}
) | {clients.SHARE_PHONE}
