"""Somebody looks at whether a client was brought by their referrer: that is a fact from then on."""

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from chassis.database import new_id
from chassis.merged import kept_ids
from contracts import loyalty as views
from contracts.clients import ClientsMerged
from kernel.caller import Caller
from kernel.errors import Conflict, Invalid
from services.loyalty.domain.referrals import LOOP, SELF
from services.loyalty.queries.edges import REVIEW, place_of
from services.loyalty.queries.visibility import visible_card
from services.loyalty.tables import reviews
from services.loyalty.usecases.discounts import recalculate_above
from services.loyalty.usecases.turns import take_turn
from services.loyalty.vault import Vault


def review_referral(
    session: Session, request: views.ReviewReferral, caller: Caller, vault: Vault, now: datetime
) -> views.ReferralReview:
    """Say whether the present edge holds, and judge anew everybody on whom that bears."""
    take_turn(session)
    card = visible_card(session, request.client_id, caller, REVIEW)
    reason = request.reason.strip()
    if not reason:
        raise Invalid.field("reason", "text_blank", "this says something")
    if card.referrer_id is None:
        raise Conflict("no_referrer", "the client's card names nobody who brought them")
    if request.holds and card.refused in (SELF, LOOP):
        raise Conflict("never_holds", "nobody is brought by themselves or by somebody whom they brought")
    assert caller.id is not None
    review = views.ReferralReview(
        new_id(), request.client_id, card.referrer_id, request.holds, reason, now, reviewed_by=caller.id
    )
    session.execute(
        insert(reviews).values(
            id=review.id,
            client_id=review.client_id,
            referrer_id=review.referrer_id,
            holds=review.holds,
            reason=vault.seal(review.client_id, place_of(review.id), reason),
            at=now,
            reviewed_by=review.reviewed_by,
        )
    )
    recalculate_above(session, {review.client_id: now}, now)
    return review


def move_reviews(session: Session, merge: ClientsMerged, vault: Vault) -> None:
    """What was said of the card that is gone is said of the one that is kept, under its key."""
    take_turn(session)
    into = kept_ids(session, [merge.client_id]).get(merge.client_id, merge.client_id)
    for row in session.execute(select(reviews).where(reviews.c.client_id == merge.merged_id)).all():
        moved = vault.moved(row.reason, place_of(row.id), merged_id=merge.merged_id, into_id=into)
        this = update(reviews).where(reviews.c.id == row.id)
        session.execute(this.values(client_id=into, reason=row.reason if moved is None else moved))
    session.execute(update(reviews).where(reviews.c.referrer_id == merge.merged_id).values(referrer_id=into))
