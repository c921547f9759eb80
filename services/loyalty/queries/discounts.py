"""What can be seen of a client's discount: what it is, why, what it was, and what a visit would get."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts import loyalty as views
from contracts.message import Page
from kernel.caller import Caller, Reach
from kernel.errors import Invalid
from services.loyalty.domain.explaining import is_for_clients, told
from services.loyalty.domain.granting import with_had
from services.loyalty.domain.history import History
from services.loyalty.domain.judging import judge
from services.loyalty.domain.promotion import code_key
from services.loyalty.domain.referrals import plain
from services.loyalty.domain.standing import Visit, WantedLine
from services.loyalty.domain.verdict import Cap, Part, Progress, Verdict
from services.loyalty.domain.wording import say
from services.loyalty.queries.dossier import Dossier, look_up
from services.loyalty.queries.judged import LAST, judged
from services.loyalty.queries.points import balance_of
from services.loyalty.queries.promotions import available
from services.loyalty.queries.visibility import visible_card

ZERO = Decimal(0)
A_MOMENT = timedelta(seconds=5)  # another clock may be ahead of this one


def discount(session: Session, request: views.ShowDiscount, caller: Caller, now: datetime) -> views.Discount:
    """The client's discount; nothing until their own card was heard of."""
    card = visible_card(session, request.client_id, caller)
    own = _is_own(caller)
    return discount_of(session, card, now, as_of=request.as_of, branch_id=request.branch_id, own=own)


def discount_of(
    session: Session,
    card: Row[Any],
    now: datetime,
    *,
    as_of: datetime | None = None,
    branch_id: UUID | None = None,
    own: bool = False,
) -> views.Discount:
    """The discount of whoever `card` is; `own`: as they may read it themselves."""
    client_id: UUID = card.client_id
    dossier = look_up(session, [client_id])
    at = instant(dossier, as_of, now)
    found = judged(dossier, client_id, at, branch_id)
    direct, qualified = found.counts
    stated = card.changed_at if as_of is None else min(card.changed_at, as_of)
    return views.Discount(
        client_id,
        plain(found.verdict.percent),
        lines(found.verdict, own=own),
        views.ReferralCounts(direct, qualified),
        points=balance_of(session, client_id, now if as_of is None else as_of) if card.has_points else 0,
        as_of=max(stated, found.newest or stated),
        version=card.told,
        gifts=found.verdict.gifts,
        offers=found.verdict.offers,
        level=_level(found.verdict.progress),
        programme_version=found.verdict.programme_version,
    )


def _is_own(caller: Caller) -> bool:
    return caller.must("loyalty.read") is Reach.OWN


def instant(dossier: Dossier, as_of: datetime | None, now: datetime) -> datetime:
    """As of when to judge: an instant of the past, or by all that is known."""
    if as_of is None:
        return dossier.present(now)
    if as_of > now + A_MOMENT:
        raise Invalid.field("as_of", "as_of_in_future", "only what was can be told, not what will be")
    return as_of


def lines(verdict: Verdict, *, own: bool = False) -> tuple[views.DiscountLine, ...]:
    """What rules offered, and what came of it; where that is not the whole, what capped it.

    `own`: without what is between the salon and its own, as in the explanation that clients read.
    """
    parts = (part for part in verdict.parts if _said(part) and (is_for_clients(part) or not own))
    found = [views.DiscountLine(part.rule, told(part), plain(part.percent)) for part in parts]
    missing = verdict.percent - sum((part.percent for part in verdict.parts), ZERO)
    if missing and verdict.caps:
        found.append(views.DiscountLine("cap", "; ".join(map(_capped, verdict.caps)), plain(missing)))
    return tuple(found)


def _said(part: Part) -> bool:
    """Whether there is something to say of a rule: what offers nothing has no line."""
    return bool(part.offered or part.percent) or (part.refused is None and bool(part.gift or part.offer))


def _capped(cap: Cap) -> str:
    return say(f"cap.{cap.name}", (("before", str(plain(cap.before))), ("after", str(plain(cap.after)))))


def _level(progress: Progress | None) -> views.LevelReached | None:
    if progress is None:
        return None
    text = None
    if progress.next_level is not None:
        missing = (("count", str(progress.missing)), ("level", progress.next_level))
        text = say(f"progress.{progress.by}", missing)
    return views.LevelReached(
        progress.level, progress.by, progress.reached, progress.next_level, progress.missing, text
    )


# --- the past --------------------------------------------------------------------------------------------------------


def past_discounts(
    session: Session, request: views.ListPastDiscounts, caller: Caller, now: datetime
) -> Page[views.PastDiscount]:
    """The percentage after each fact, bound and change of programme that made it another one."""
    visible_card(session, request.client_id, caller)
    dossier = look_up(session, [request.client_id])
    changes = _changes(dossier, request.client_id, dossier.present(now), own=_is_own(caller))
    history = list(changes)[::-1]
    if request.cursor is not None:
        (before,) = decode_cursor(request.cursor, datetime)
        history = [each for each in history if each.since < before]
    page = history[: request.limit]
    return Page(tuple(page), encode_cursor(page[-1].since) if len(history) > len(page) else None)


def _changes(dossier: Dossier, client_id: UUID, until: datetime, *, own: bool) -> Iterable[views.PastDiscount]:
    """Facts are told to a history of their own as time goes on: it is many times faster when asked of its newest."""
    history, facts = History(), deque(dossier.facts)
    last = ZERO
    for at in dossier.instants(client_id, until):
        while facts and facts[0].at <= at:
            history.apply(facts.popleft())
        programme = dossier.programmes.at(None, at)
        standing = with_had(history.standing(client_id, at, programme), dossier.had(client_id, before=(at, LAST)))
        percent = judge(programme, standing, explain=False).percent
        if percent != last:
            told_then = lines(judge(programme, standing), own=own)
            yield views.PastDiscount(at, plain(percent), programme.version, told_then)
            last = percent


# --- what booking asks -----------------------------------------------------------------------------------------------


def quote_visit(session: Session, request: views.QuoteVisit, now: datetime) -> views.VisitQuote:
    """What a visit gets, line by line, by all that is known."""
    dossier = look_up(session, [request.client_id])
    at = dossier.present(now)
    programme = dossier.programmes.at(request.branch_id, at)
    standing = dossier.history.standing(request.client_id, at, programme)
    standing = with_had(standing, dossier.had_besides(request.client_id, request.appointment_id))
    wanted = tuple(WantedLine(line.line_id, line.service_id, line.category, line.price) for line in request.lines)
    visit = Visit(request.branch_id, request.local_date, wanted, request.appointment_id, request.codes)
    promotions = available(session, at, request.branch_id, request.client_id, request.appointment_id)
    verdict = judge(programme, standing, visit, promotions)
    anywhere = judge(programme, standing, branch_id=request.branch_id, explain=False)
    return views.VisitQuote(
        request.client_id,
        dossier.newest(standing) or now,
        verdict.programme_version,
        plain(anywhere.percent),
        verdict.discount,
        tuple(views.QuotedLine(line.line_id, line.discount, plain(line.percent)) for line in verdict.lines),
        tuple(_quoted(part) for part in verdict.parts if part.refused is None and _gives(part)),
        verdict.decision,
        verdict.gifts,
        verdict.offers,
        refused_codes(verdict, request.codes),
    )


def _gives(part: Part) -> bool:
    return bool(part.amount or part.gift or part.offer)


def _quoted(part: Part) -> views.QuotedPart:
    return views.QuotedPart(part.rule, part.kind, part.text, part.amount, plain(part.percent))


def refused_codes(verdict: Verdict, codes: Iterable[str]) -> tuple[str, ...]:
    """Codes that no promotion in force knows, or whose promotion is not for this client or visit."""
    good = {
        code_key(value)
        for part in verdict.parts
        if part.kind == "promotion" and (part.refused is None or part.refusal in NOT_THE_CODES_FAULT)
        for name, value in part.params
        if name == "code"
    }
    return tuple(code for code in codes if code_key(code) not in good)


NOT_THE_CODES_FAULT = frozenset({"less_than", "less_than_personal", "less_than_programme", "nothing_left"})
