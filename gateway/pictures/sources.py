"""The hierarchy of sources as an icicle: everybody, channels, and below them those whom clients brought."""

from collections.abc import Mapping
from typing import Any

from contracts.analytics import ShowSources
from gateway.pictures.plots import Box, Icicle, Picture, nothing
from gateway.pictures.saying import Saying

MOST_LEVELS = 5
SMALLEST = 0.006  # of everybody: what is smaller stands together with its like

Node = Mapping[str, Any]


def sources(reply: Node, asked: ShowSources, say: Saying) -> Picture:
    """Boxes are as high as they have people; money is written into them."""
    if not reply["clients"]:
        raise nothing("no_visits")
    shown = _Shown(reply, say)
    levels = min(_depth(reply), MOST_LEVELS)
    root = shown.box(reply, 0, 0, levels)
    names = tuple(_level(reply["kind"], level, say) for level in range(levels))
    notes = [say("deeper"), say("small_boxes", count=say.number(shown.small))] if shown.small else [say("deeper")]
    return Picture(say("title_sources"), say.scope(asked), (Icicle(root, names),), (*notes, *say.definition(reply)))


class _Shown:
    """Counts what is too small to be seen while boxes are made."""

    def __init__(self, root: Node, say: Saying) -> None:
        self.root = root
        self.say = say
        self.small = 0

    def box(self, node: Node, level: int, group: int, levels: int) -> Box:
        """With a box of its own for each child that is large enough to be seen."""
        children: list[Box] = []
        below = node["children"] if level + 1 < levels else ()
        rest: list[Node] = []
        for place, child in enumerate(sorted(below, key=lambda each: -each["clients"])):
            if child["clients"] / self.root["clients"] >= SMALLEST:
                children.append(self.box(child, level + 1, place if level == 0 else group, levels))
            elif child["clients"]:
                rest.append(child)
        if rest:
            self.small += len(rest)
            children.append(self._together(rest, level + 1, group if level else len(children), levels))
        return Box(
            node["clients"],
            (self._name(node), *self._figures(node["clients"], node["revenue"])),
            group,
            tuple(children),
        )

    def _together(self, nodes: list[Node], level: int, group: int, levels: int) -> Box:
        """One box for nodes that are too small, with whoever they brought beside it, however few each."""
        people = sum(each["clients"] for each in nodes)
        texts = (self.say("other", count=self.say.number(len(nodes))), *self._figures(people, _revenue(nodes)))
        below = [child for each in nodes for child in each["children"]] if level + 1 < levels else []
        children = (self._together(below, level + 1, group, levels),) if any(each["clients"] for each in below) else ()
        return Box(people, texts, group, children)

    def _figures(self, people: int, revenue: Mapping[str, Any]) -> tuple[str, ...]:
        return self.say("people_many", count=self.say.number(people)), self.say.short_money(revenue)

    def _name(self, node: Node) -> str:
        if node["kind"] == "root":
            return self.say("level_root")
        if node.get("name"):
            return self.say.word(str(node["name"]))
        if node["kind"] == "channel":
            return self.say("unknown")
        return self.say.name(str(node["client_id"])) if node.get("client_id") else self.say("nobody")


def _revenue(nodes: list[Node]) -> dict[str, Any]:
    return {
        "amount": sum(each["revenue"]["amount"] for each in nodes),
        "currency": nodes[0]["revenue"]["currency"],
    }


def _depth(root: Node) -> int:
    """Levels of the tree, without recursion: chains of people may be long."""
    level, nodes = 0, [root]
    while nodes:
        level += 1
        nodes = [child for node in nodes for child in node["children"]]
    return level


def _level(kind: str, level: int, say: Saying) -> str:
    first = {"root": 0, "channel": 1, "client": 2}[kind]
    at = first + level
    return say("level_root") if at == 0 else say("level_channel") if at == 1 else say("level_client", level=at - 1)
