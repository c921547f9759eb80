"""A discount in words for three readers: the desk, the client, who audits it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from services.loyalty.domain.verdict import Cap, Evidence, LineDiscount, Part, Verdict
from services.loyalty.domain.wording import say


@dataclass(frozen=True, slots=True)
class Explanation:
    """One sentence, for other languages by its `code` and `params`, and what it rests on."""

    code: str
    text: str
    params: dict[str, str] = field(default_factory=dict)
    lines: tuple["Explanation", ...] = ()


def administrator(verdict: Verdict) -> Explanation:
    """What the desk needs to answer a question: each rule, who counts and who does not, what was cut off."""
    return _whole(
        verdict,
        [
            *(_rule(part, [_looked_at(each) for each in part.evidence]) for part in verdict.parts),
            *(_cap(cap) for cap in verdict.caps),
            *_progress(verdict),
        ],
    )


def client(verdict: Verdict) -> Explanation:
    """What the client may know: of the people they brought their number only, and nothing of what those paid."""
    parts = (part for part in verdict.parts if part.code and is_for_clients(part))
    return _whole(
        verdict,
        [
            *(_rule(_without_others(part), _counts(part)) for part in parts),
            *(_cap(cap) for cap in verdict.caps),
            *_progress(verdict),
        ],
    )


def auditor(verdict: Verdict) -> Explanation:
    """Everything: the version of the programme, each input with its instant and weight, each cap, each formula."""
    programme = _said(
        "programme",
        programme_id=str(verdict.programme_id or "default"),
        version=str(verdict.programme_version),
        at=verdict.at.isoformat(),
        client_id=str(verdict.client_id),
    )
    return _whole(
        verdict,
        [
            programme,
            *(_rule(part, _derivation(part)) for part in verdict.parts),
            *(_cap(cap) for cap in verdict.caps),
            *(_line(line) for line in verdict.lines),
            *_progress(verdict),
        ],
    )


def told(part: Part) -> str:
    """What a rule came to in one sentence, with why it gives nothing if it does not."""
    return part.text if part.refused is None else f"{part.text}; {part.refused}"


def is_for_clients(part: Part) -> bool:
    """Whether clients may read why a rule gives them nothing, or that it does."""
    return part.refusal not in _NOT_FOR_CLIENTS


# --- the pieces -------------------------------------------------------------------------------------------------------

# What is between the salon and its own, or about other people.
_NOT_FOR_CLIENTS = frozenset({"client_is_staff", "excluded", "excluded_from_all", "erased", "segment.not_in"})
_ABOUT_OTHERS = frozenset({"share", "ratio", "settled_after_days", "left", "used", "credit"})
_TELLABLE = frozenset({"no_paid_visit", "refunded", "out_of_period", "level_cap"})


def _said(code: str, /, *lines: Explanation, **params: str) -> Explanation:
    return Explanation(code, say(code, params.items()), params, lines)


def _whole(verdict: Verdict, lines: Iterable[Explanation]) -> Explanation:
    also = [
        *(_said("also.gift", gift=gift) for gift in verdict.gifts[1 if verdict.decision == "gift" else 0 :]),
        *(_said("also.offer", offer=offer) for offer in verdict.offers[1 if verdict.decision == "offer" else 0 :]),
    ]
    percent = str(verdict.percent)
    match verdict.decision:
        case "discount":
            params = {"percent": percent, "amount": str(verdict.discount)} if verdict.lines else {"percent": percent}
        case "gift":
            params = {"gift": verdict.gifts[0]}
        case "offer":
            params = {"offer": verdict.offers[0]}
        case _:
            params = {}
    return _said(f"verdict.{verdict.decision}", *also, *lines, **params)


def _rule(part: Part, lines: Iterable[Explanation]) -> Explanation:
    """The rule's own sentence; `given` is what came of what it offered."""
    params = dict(part.params) | {"rule": part.rule, "kind": part.kind, "given": str(part.percent)}
    params["offered"] = str(part.offered)
    if part.amount:
        params["amount_given"] = str(part.amount)
    if part.refusal is not None:
        params["refusal"] = part.refusal
        params |= {f"refusal_{name}": value for name, value in part.refusal_params}
    return Explanation(part.code, told(part), params, (*lines, *(_cap(cap) for cap in part.caps)))


def _cap(cap: Cap) -> Explanation:
    return _said(f"cap.{cap.name}", before=str(cap.before), after=str(cap.after))


def _line(line: LineDiscount) -> Explanation:
    return _said("line", line_id=str(line.line_id), discount=str(line.discount), percent=str(line.percent))


def _progress(verdict: Verdict) -> list[Explanation]:
    """What is missing to the next status: "2 visits to Silver"."""
    progress = verdict.progress
    if progress is None or progress.next_level is None:
        return []
    return [
        _said(
            f"progress.{progress.by}",
            count=str(progress.missing),
            level=progress.next_level,
            reached=str(progress.reached),
        )
    ]


def _looked_at(evidence: Evidence) -> Explanation:
    """A person or visit by its id, counted or why not."""
    return _evidence(evidence, {})


def _audited(evidence: Evidence) -> Explanation:
    more = {
        "at": evidence.at.isoformat() if evidence.at is not None else None,
        "level": str(evidence.level) if evidence.level is not None else None,
        "weight": str(evidence.weight) if evidence.weight is not None else None,
        "amount": str(evidence.amount) if evidence.amount is not None else None,
    }
    return _evidence(evidence, {name: value for name, value in more.items() if value is not None})


def _evidence(evidence: Evidence, more: dict[str, str]) -> Explanation:
    code = f"{evidence.kind}.{'counted' if evidence.counted else 'not_counted'}"
    reason = evidence.reason or ""
    params = {"reason": reason} if reason else {}
    if evidence.id is not None:
        params["id"] = str(evidence.id)
    verdict = "counts" if evidence.counted else "does not count"
    why = ", ".join(say(each) for each in reason.split(",")) if reason else ""
    text = " ".join(word for word in (evidence.kind, params.get("id", ""), verdict) if word)
    details = "; ".join(f"{name} {value}" for name, value in more.items())
    text += f": {why}" if why else ""
    return Explanation(code, f"{text} ({details})" if details else text, params | more)


def _counts(part: Part) -> list[Explanation]:
    """Of the people brought only how many do not count yet, and of the reasons only those that tell on nobody."""
    people = (each for each in part.evidence if each.kind == "person" and not each.counted)
    reasons = Counter(each.reason if each.reason in _TELLABLE else "does_not_count" for each in people)
    return [
        _said("people.not_counted", count=str(count), reason=str(reason), why=say(str(reason)))
        for reason, count in sorted(reasons.items(), key=lambda each: str(each[0]))
    ]


def _without_others(part: Part) -> Part:
    """The part without what tells of other people's visits."""
    return Part(
        part.rule,
        part.kind,
        part.text,
        part.offered,
        part.percent,
        tuple(each for each in part.params if each[0] not in _ABOUT_OTHERS),
        caps=tuple(cap for cap in part.caps if cap.name != "budget"),
        refused=part.refused,
        gift=part.gift,
        offer=part.offer,
        amount=part.amount,
        code=part.code,
        refusal=part.refusal,
        refusal_params=part.refusal_params,
    )


def _derivation(part: Part) -> list[Explanation]:
    formula = _formula(part.kind, dict(part.params))
    lines = [Explanation("formula", formula, {"formula": formula})] if formula else []
    if part.line_ids:
        ids = ", ".join(map(str, part.line_ids))
        lines.append(Explanation("for_lines", f"for lines {ids}", {"line_ids": ids}))
    return [*lines, *(_audited(each) for each in part.evidence)]


def _formula(kind: str, said: dict[str, str]) -> str:
    """What was computed, in signs."""
    if kind == "referrals" and "worth" in said:
        decay = f" x 2^(-days / {said['half_life_days']})" if said.get("half_life_days") else ""
        text = f"N = sum of {said['weight']}^(level - 1){decay} = {said['worth']}"
    elif kind == "referrals" and "count" in said:
        text = f"N = {said['count']}"
    else:
        return ""
    if "share" in said:
        text += (
            f"; at most {said['share']} % x (1 - {said['ratio']}) x {said['ratio']}^(level - 1) of what they paid,"
            f" settled after {said['settled_after_days']} days, less {said['used']} used: {said['left']}"
        )
    return text
