"""What a client's discount is made of, in the visitor's language: a line of each rule that gives something."""

from collections.abc import Iterable, Iterator

from contracts.loyalty import Discount, DiscountLine, ExplainDiscount, LevelReached, Reason
from gateway.pages.loyalty.why import said, sentence
from gateway.pages.visitor import Visitor

CAP = "cap"


def lines_of(visitor: Visitor, discount: Discount | None) -> tuple[str, ...]:
    """The lines of `discount`; one that is not explained to this visitor stays in loyalty's own words."""
    if discount is None or not discount.lines:
        return ()
    # As clients read it: the people whom somebody brought are only counted there, and may be hundreds.
    told = visitor.ask_if(ExplainDiscount(discount.client_id, "client"))
    children = told.reason.children if told else ()
    return tuple(_line(line, children) for line in discount.lines)


def next_level(level: LevelReached | None) -> str:
    """What is missing to the next status; spent amounts are told by loyalty, which knows their currency."""
    if level is None or level.text is None:
        return ""
    if level.missing is None or level.next_name is None or level.by == "spend":
        return level.text
    return sentence(f"progress.{level.by}", {"count": str(level.missing), "level": level.next_name}) or level.text


def _line(line: DiscountLine, children: Iterable[Reason]) -> str:
    return "; ".join(said(each).text for each in _about(line, children)) or line.text


def _about(line: DiscountLine, children: Iterable[Reason]) -> Iterator[Reason]:
    for each in children:
        is_cap = each.code.startswith(f"{CAP}.")
        if is_cap if line.rule == CAP else (not is_cap and each.params.get("rule") == line.rule):
            yield each
