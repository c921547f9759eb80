"""What is already there of what a plan wants, found by name and by reference."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from deploy.api import Api
from deploy.importer.export import CannotImport
from deploy.importer.plan import Plan


@dataclass(frozen=True)
class Target:
    """Where the export belongs."""

    branch: str
    time_zone: str
    currency: str

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def reference(self, own: str) -> str:
        """What the salon calls it, beside what other salons of the chain may call by the same words."""
        return f"{self.branch.casefold()}/{own}"

    def own(self, reference: str | None) -> str | None:
        """What the salon itself calls `reference`; None for one of another salon."""
        prefix = self.reference("")
        return reference.removeprefix(prefix) if reference and reference.startswith(prefix) else None


@dataclass
class Standing:
    """`services` and `masters` are by name without case; `clients` and `visits` are references."""

    branch: dict[str, Any] | None
    services: dict[str, dict[str, Any]]
    masters: dict[str, dict[str, Any]]
    clients: set[str] = field(default_factory=set)
    visits: set[str] = field(default_factory=set)


def look_around(api: Api, target: Target, plan: Plan) -> Standing:
    """What the installation has; refused where it contradicts `target`."""
    currency = api.get("/settings")["currency"]
    if currency not in (None, target.currency):
        raise CannotImport(f"The installation counts in {currency}, the export in {target.currency} (--currency).")
    namesakes = [one for one in api.every("/branches") if _same(one["name"], target.branch)]
    if len(namesakes) > 1:
        raise CannotImport(f"{len(namesakes)} branches are called {target.branch}; give one of them another name.")
    branch = namesakes[0] if namesakes else None
    if branch and branch["time_zone"] != target.time_zone:
        raise CannotImport(f"The branch {target.branch} lives in {branch['time_zone']}, not in {target.time_zone}.")
    standing = Standing(branch, _by_name(api.every("/services")), _by_name(api.every("/masters")))
    standing.clients = {own for one in api.every("/clients") if (own := target.own(one["reference"]))}
    if branch and plan.visits:
        days = sorted(visit.starts.date() for visit in plan.visits)
        period = {"from": days[0].isoformat(), "to": days[-1].isoformat()}
        there = api.every("/appointments", branch_id=branch["id"], **period)
        standing.visits = {own for one in there if (own := target.own(one["reference"]))}
    return standing


def _by_name(items: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    names: dict[str, dict[str, Any]] = {}
    for item in items:
        names.setdefault(item["name"].casefold(), item)
    return names


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
