"""Where clients come from: rings of channels and people by money or by heads, and the same as a tree that unfolds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Response

from contracts.analytics import ShowSources
from contracts.clients import ShowClient
from gateway.pages.clocks import today_of
from gateway.pages.figures.catalogue import BY_NAME
from gateway.pages.figures.pages import formats_of, menu_of, periods_of
from gateway.pages.figures.periods import Period, branches_of, chosen
from gateway.pages.figures.reading import reply_to, saying_of
from gateway.pages.figures.tables import Row, totals, written
from gateway.pages.figures.words import column, why
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.site import Area, shown
from gateway.pages.visitor import Visitor
from gateway.pictures.saying import Saying

RINGS = 3
MOST_IN_RING = 40
SMALLEST = 0.004  # of all rings
MOST_BELOW = 100
BY = ("revenue", "clients")
WRITTEN = ("clients", "visits", "revenue", "margin", "cost", "return_rate")

area = Area("figures-sources")


@dataclass(frozen=True)
class Leaf:
    """A line of the tree. `below` is where those below it are asked for, `whole` the page of it alone."""

    name: str
    figures: tuple[tuple[str, str], ...]
    address: str | None
    below: str | None
    whole: str | None
    children: tuple["Leaf", ...] = ()
    left_out: int = 0


@dataclass(frozen=True)
class Scope:
    """Of when and of which branch, and how large rings are: what every address goes on with."""

    period: Period
    branch_id: UUID | None
    by: str

    def address(self, page: str, **more: Any) -> str:
        query = {"from": self.period.first, "to": self.period.last, "branch_id": self.branch_id, "by": self.by, **more}
        return f"{page}?{urlencode({name: value for name, value in query.items() if value})}"

    def asked(self, form: Form, depth: int, limit: int) -> ShowSources:
        channel, under = form.maybe("channel"), form.maybe_id("under")
        return ShowSources(self.period.first, self.period.last, self.branch_id, under, channel, depth, limit)


@area.page("/figures/sources", ShowSources)
def sources(visitor: Visitor, form: Form) -> Response:
    figure = BY_NAME["sources"]
    scope = _scope(visitor, form)
    root = reply_to(visitor, scope.asked(form, RINGS, MOST_IN_RING), lambda node: _trimmed(node, scope.by))
    say = saying_of(visitor, root)
    shows_cards = visitor.may(ShowClient)
    whole = scope.address("/figures/sources", channel=form.maybe("channel"), under=form.maybe_id("under"))
    return shown(
        "figures/sources.html",
        figure=figure,
        root=root,
        why=None if root["clients"] else why("no_visits"),
        focus=None if root["kind"] == "root" else name_of(root, say),
        everything=scope.address("/figures/sources"),
        totals=list(totals(figure, root, say)),
        plots=[_rings(root, scope, say)] if root["clients"] else [],
        leaves=leaves(root, scope, say, cards=shows_cards),
        left_out=root.get("left_out", 0),
        column=column,
        definition=say.definition(root),
        subtitle=f"{say.day(scope.period.first)} – {say.day(scope.period.last)}",
        period=scope.period,
        periods=periods_of(figure),
        branches=branches_of(visitor),
        branch_id=scope.branch_id,
        by=scope.by,
        groups=menu_of(visitor),
        formats=formats_of(figure),
        query=whole.partition("?")[2].replace(f"&by={scope.by}", "") + "&",
    )


@area.page("/figures/sources/below", ShowSources)
def below(visitor: Visitor, form: Form) -> Response:
    """Whom one channel or client brought, when it is unfolded."""
    scope = _scope(visitor, form)
    node = reply_to(visitor, scope.asked(form, 1, MOST_BELOW))
    say = saying_of(visitor, node)
    return shown(
        "figures/leaves.html",
        leaves=leaves(node, scope, say, cards=visitor.may(ShowClient)),
        left_out=node.get("left_out", 0),
        column=column,
    )


def _scope(visitor: Visitor, form: Form) -> Scope:
    by = form.maybe("by")
    period = chosen(form, BY_NAME["sources"].period or "", today_of(visitor))
    return Scope(period, form.maybe_id("branch_id"), by if by in BY else BY[0])


def leaves(node: Row, scope: Scope, say: Saying, *, cards: bool) -> list[Leaf]:
    return [_leaf(child, scope, say, cards=cards) for child in _by_size(node, scope.by)]


def _leaf(node: Row, scope: Scope, say: Saying, *, cards: bool) -> Leaf:
    who = _who(node)
    more = bool(node["clients"] > node["own"]["clients"] or node["visits"] > node["own"]["visits"])
    nameless = node["kind"] == "channel" and not node["name"]  # nobody can ask for it by its name
    figures = tuple((name, written(name, node.get(name), say)) for name in WRITTEN if node.get(name) is not None)
    return Leaf(
        name_of(node, say),
        figures,
        f"/clients/{node['client_id']}" if cards and node.get("client_id") else None,
        scope.address("/figures/sources/below", **who) if more and who else None,
        scope.address("/figures/sources", **who) if more and who else None,
        tuple(leaves(node, scope, say, cards=cards)) if nameless else (),
        node.get("left_out", 0) if nameless else 0,
    )


def _who(node: Row) -> dict[str, str]:
    if node["kind"] == "client":
        return {"under": str(node["client_id"])}
    return {"channel": str(node["name"])} if node.get("name") else {}


def name_of(node: Row, say: Saying) -> str:
    if node["kind"] == "root":
        return say("all")
    if node["kind"] == "channel":
        return say.word(str(node["name"])) if node["name"] else say("unknown")
    return node.get("name") or _("Client %(end)s", end=str(node["client_id"])[-6:])


def _by_size(node: Row, by: str) -> list[Row]:
    return sorted(node["children"], key=lambda child: -_size(child, by))


def _size(node: Row, by: str) -> int:
    """A refund below zero has no angle."""
    return max(0, int(node["revenue"]["amount"] if by == "revenue" else node["clients"]))


def _trimmed(root: dict[str, Any], by: str) -> dict[str, Any]:
    """Without those who are too small for the rings and stand in no line of the tree: the most of all who are sent."""
    least = SMALLEST * _whole(root, by)

    def large(node: dict[str, Any]) -> dict[str, Any]:
        children = [large(child) for child in node["children"] if _size(child, by) >= least]
        return node | {"children": children, "left_out": _left_out(node, children)}

    def line(node: dict[str, Any]) -> dict[str, Any]:
        if _who(node):
            return large(node)
        return node | {"children": [large(child) for child in node["children"]]}  # nobody can ask for them later

    return root | {"children": [line(child) for child in root["children"]]}


def _left_out(node: Row, listed: Sequence[Row]) -> int:
    return len(node["children"]) - len(listed) + int(node.get("left_out", 0))


def _whole(root: Row, by: str) -> int:
    return sum(_size(child, by) for child in root["children"])


def _rings(root: Row, scope: Scope, say: Saying) -> dict[str, Any]:
    """As the script takes it: a box in a box, each with what to tell and where to look at it alone."""
    whole = _whole(root, scope.by)
    children = [_ring(child, group, scope, say, whole) for group, child in enumerate(_by_size(root, scope.by))]
    return {"kind_of_plot": "icicle", "axis": "", "root": {"children": children}}


def _ring(node: Row, group: int, scope: Scope, say: Saying, whole: int) -> dict[str, Any]:
    """Those too small to be seen stand together; the gap at the rim is the node's own."""
    leaf = _leaf(node, scope, say, cards=False)
    large = [child for child in node["children"] if _size(child, scope.by) >= SMALLEST * whole]
    seen = [_ring(child, group, scope, say, whole) for child in _by_size({"children": large}, scope.by)]
    if rest := _rest(node, large, group, scope, say):
        seen.append(rest)
    return {
        "size": _size(node, scope.by),
        "texts": [leaf.name, *(f"{column(name)}: {text}" for name, text in leaf.figures)],
        "group": group,
        "address": leaf.whole,
        "children": seen,
    }


def _rest(node: Row, large: list[Row], group: int, scope: Scope, say: Saying) -> dict[str, Any] | None:
    """Whoever else stands below a node, listed or not, as one."""
    size = _size(node, scope.by) - _size(node["own"], scope.by) - sum(_size(child, scope.by) for child in large)
    count = _left_out(node, large)
    if size <= 0 or count <= 0:
        return None
    return {"size": size, "texts": [say("other", count=count)], "group": group, "rest": True, "children": []}
