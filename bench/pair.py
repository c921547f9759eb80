"""The two services that exist to be measured and broken, by name."""

from typing import Any

from bench.ledger import Ledger
from bench.tally import Tally

SERVICES: dict[str, type[Any]] = {"ledger": Ledger, "tally": Tally}
INSTALLED = tuple(SERVICES)
