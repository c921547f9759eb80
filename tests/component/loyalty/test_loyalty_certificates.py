"""Gift certificates: sold once, redeemed to the last unit and never beyond, owed until then."""

import threading
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from chassis.database import new_id
from contracts.booking import (
    AppointmentCancelled,
    CheckBranches,
    CurrencyInUse,
    PaidPart,
    ShowCurrency,
    UnknownBranches,
)
from contracts.loyalty import (
    BlockCertificate,
    Certificate,
    CertificateSold,
    ExportFromLoyalty,
    ListCertificateEntries,
    ListCertificates,
    LookUpCertificate,
    ReleaseTenders,
    ReserveTenders,
    SellCertificate,
    ShowCertificate,
    ShowCertificateLiability,
    Tender,
    UnblockCertificate,
)
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Throttled
from kernel.money import Money
from kernel.time import utc_now
from services.loyalty.domain.certificates import FREE, canonical, new_code
from services.loyalty.tables import certificate_entries, certificates, pass_holds
from tests.builders import CLARA, ELSEWHERE, HERE, OWNER, a_service, a_user, anna, boris
from tests.facts import booked, completed, erased, line, merged, numbered, refunded, registered
from tests.harness import Harness

BOOKING = a_service("booking")
DESK = anna("certificates.read", "certificates.sell", "loyalty.read")
MANAGER = anna("certificates.read", "certificates.sell", "certificates.block")
HERSELF = a_user("certificates.read.own", client_id=CLARA)
LATER = timedelta(days=400)


def rub(amount: int) -> Money:
    return Money(amount, "RUB")


@pytest.fixture
def loyalty(start) -> Harness:
    service = start("loyalty")
    service.others.answers[ShowCurrency] = lambda _: CurrencyInUse("RUB")
    service.others.answers[CheckBranches] = lambda asked: UnknownBranches(tuple(set(asked.ids) - {HERE, ELSEWHERE}))
    service.deliver(registered(CLARA))
    return service


def sold(loyalty: Harness, amount: int = 1_000, **said: object) -> Certificate:
    words: dict[str, object] = {"branch_id": HERE, "amount": rub(amount), "paid_by": "cash"}
    return loyalty.ask(SellCertificate(**(words | said)), DESK)


def tender(certificate: Certificate, amount: int, **said: object) -> Tender:
    return Tender("certificate", amount, code=certificate.code, **said)


def reserve(
    loyalty: Harness, visit: UUID, *tenders: Tender, reservation: UUID | None = None, currency: str = "RUB"
) -> UUID:
    wanted = ReserveTenders(reservation or new_id(), visit, CLARA, HERE, currency, 1_000_000, tenders)
    return loyalty.ask(wanted, BOOKING).reservation_id


def paid(loyalty: Harness, visit: UUID, reservation: UUID, amount: int, *, version: int = 2, **said: object) -> None:
    """The bill of the visit, `amount` of it paid by certificates, what went back taken off."""
    build = completed if version == 2 else refunded
    part = PaidPart("certificate", amount, reservation)
    loyalty.deliver(build(visit, CLARA, line(100_000), payments=(part,), version=version, **said))


def balance(loyalty: Harness, certificate: Certificate) -> int:
    return loyalty.ask(ShowCertificate(certificate.id)).balance.amount


def entries(loyalty: Harness, certificate: Certificate) -> list[tuple[str, int]]:
    """What became of it, the oldest first."""
    told = loyalty.ask(ListCertificateEntries(certificate.id, limit=200)).items
    return [(entry.kind, entry.amount.amount) for entry in reversed(told)]


def date_back(loyalty: Harness, certificate: Certificate, **changes: object) -> None:
    with loyalty.session() as session:
        session.execute(update(certificates).where(certificates.c.id == certificate.id).values(**changes))
        session.commit()


# --- selling ---------------------------------------------------------------------------------------------------------


def test_a_code_is_told_once_and_finds_the_certificate_wherever_it_is_shown(loyalty: Harness) -> None:
    certificate = sold(loyalty, recipient_id=CLARA)
    assert certificate.code is not None
    assert (certificate.balance, certificate.reserved, certificate.state) == (rub(1_000), rub(0), "active")
    assert (certificate.sold_by, certificate.last_characters) == (DESK.id, canonical(certificate.code)[-4:])
    again = loyalty.ask(ShowCertificate(certificate.id), DESK)
    assert again == replace(certificate, code=None)
    shown = loyalty.ask(LookUpCertificate(f" {certificate.code.lower()}"), boris("certificates.read"))
    assert (shown.id, shown.code) == (certificate.id, None)
    (fact,) = loyalty.announced(CertificateSold)
    assert (fact.certificate_id, fact.branch_id, fact.amount, fact.currency, fact.paid_by) == (
        certificate.id,
        HERE,
        1_000,
        "RUB",
        "cash",
    )
    assert entries(loyalty, certificate) == [("sold", 1_000)]


def test_neither_tables_nor_events_hold_a_code(loyalty: Harness) -> None:
    code = sold(loyalty).code
    assert code is not None
    with loyalty.session() as session:
        tables = session.scalars(
            text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        ).all()
        kept = "\n".join(
            str(session.scalars(text(f"SELECT CAST(t AS TEXT) FROM {table} AS t")).all()) for table in tables
        )
    assert canonical(code) not in kept
    assert code not in kept
    assert canonical(code)[:-4] not in kept


def test_what_cannot_be_sold(loyalty: Harness) -> None:
    for said, code in (
        ({"amount": rub(0)}, "amount_not_positive"),
        ({"amount": rub(10**11 + 1)}, "amount_too_large"),
        ({"amount": Money(5, "EUR")}, "currency_differs"),
        ({"expires_at": utc_now()}, "expiry_in_past"),
        ({"branch_id": numbered(5)}, "branch_unknown"),
        ({"buyer_id": numbered(6)}, "client_unknown"),
        ({"recipient_id": numbered(6)}, "client_unknown"),
    ):
        with pytest.raises(Invalid, match=code):
            loyalty.ask(SellCertificate(**{"branch_id": HERE, "amount": rub(5), "paid_by": "cash"} | said), DESK)
    with pytest.raises(NotFound, match="branch_not_found"):
        sold(loyalty, branch_id=ELSEWHERE)
    with pytest.raises(Forbidden):
        loyalty.ask(SellCertificate(HERE, rub(5), "cash"), anna("certificates.read"))


def test_a_retried_sale_is_one_sale_and_tells_its_code_again(loyalty: Harness) -> None:
    wanted = SellCertificate(HERE, rub(500), "card")
    first, second = (loyalty.ask(wanted, DESK, key="a sale") for _ in range(2))
    assert first == second
    assert len(loyalty.ask(ListCertificates(), DESK).items) == 1


# --- who sees what ---------------------------------------------------------------------------------------------------


def test_boris_sees_those_of_his_branch_and_clara_hers(loyalty: Harness) -> None:
    here, hers = sold(loyalty), sold(loyalty, buyer_id=CLARA)
    his = boris("certificates.read")
    assert loyalty.ask(ListCertificates(), his).items == ()
    for request in (ShowCertificate(here.id), ListCertificateEntries(here.id)):
        with pytest.raises(NotFound, match="certificate_not_found"):
            loyalty.ask(request, his)
    assert [one.id for one in loyalty.ask(ListCertificates(), DESK).items] == [hers.id, here.id]
    page = loyalty.ask(ListCertificates(limit=1), DESK)
    assert [one.id for one in loyalty.ask(ListCertificates(limit=1, cursor=page.next), DESK).items] == [here.id]
    assert [one.id for one in loyalty.ask(ListCertificates(client_id=CLARA), DESK).items] == [hers.id]
    assert loyalty.ask(ListCertificates(branch_id=ELSEWHERE)).items == ()
    (own,) = loyalty.ask(ListCertificates(), HERSELF).items
    assert (own.id, own.buyer_id, own.sold_by) == (hers.id, CLARA, None)
    with pytest.raises(NotFound):
        loyalty.ask(ShowCertificate(here.id), HERSELF)
    with pytest.raises(Forbidden):
        loyalty.ask(ShowCertificateLiability(), DESK)


def test_the_recipient_is_not_told_who_gave_it(loyalty: Harness) -> None:
    loyalty.deliver(registered(numbered(7)))
    certificate = sold(loyalty, buyer_id=numbered(7), recipient_id=CLARA)
    own = loyalty.ask(ShowCertificate(certificate.id), HERSELF)
    assert (own.buyer_id, own.recipient_id) == (None, CLARA)


def test_where_it_was_not_sold_only_its_worth_is_told(loyalty: Harness) -> None:
    certificate = sold(loyalty, recipient_id=CLARA)
    loyalty.ask(BlockCertificate(certificate.id, "lost", "Clara left it in a taxi"), MANAGER)
    shown = loyalty.ask(LookUpCertificate(certificate.code), boris("certificates.read"))
    assert (shown.state, shown.balance) == ("blocked", rub(1_000))
    assert (shown.recipient_id, shown.sold_by, shown.block_reason, shown.comment) == (None, None, None, None)
    assert loyalty.ask(LookUpCertificate(certificate.code), OWNER).comment == "Clara left it in a taxi"


def test_who_guesses_codes_has_to_wait(loyalty: Harness) -> None:
    certificate = sold(loyalty)
    with pytest.raises(Invalid, match="certificate_code_mistyped"):
        loyalty.ask(LookUpCertificate("WRONG"), DESK)
    for number in range(FREE):
        with pytest.raises(NotFound, match="certificate_not_found"):
            loyalty.ask(LookUpCertificate(new_code(bytes([number]) * 10)), DESK)
    with pytest.raises(Throttled) as refused:
        loyalty.ask(LookUpCertificate(certificate.code), DESK)
    assert 0 < refused.value.details["retry_after"] <= 30
    assert loyalty.ask(LookUpCertificate(certificate.code), OWNER).id == certificate.id


# --- paying ----------------------------------------------------------------------------------------------------------


def test_a_visit_is_paid_and_what_is_left_pays_another(loyalty: Harness) -> None:
    certificate, visit = sold(loyalty), new_id()
    reservation = reserve(loyalty, visit, tender(certificate, 600))
    assert loyalty.ask(ShowCertificate(certificate.id)).reserved == rub(600)
    paid(loyalty, visit, reservation, 600)
    shown = loyalty.ask(ShowCertificate(certificate.id))
    assert (shown.balance, shown.reserved) == (rub(400), rub(0))
    other = new_id()
    paid(loyalty, other, reserve(loyalty, other, tender(certificate, 400)), 400)
    assert loyalty.ask(ShowCertificate(certificate.id)).state == "used_up"
    assert entries(loyalty, certificate) == [("sold", 1_000), ("redeemed", -600), ("redeemed", -400)]
    with pytest.raises(Invalid, match="certificate_used_up"):
        reserve(loyalty, new_id(), tender(certificate, 1))


def test_a_reservation_is_made_once_however_often_it_is_asked_for(loyalty: Harness) -> None:
    certificate, visit, reservation = sold(loyalty), new_id(), new_id()
    for _ in range(3):
        reserve(loyalty, visit, tender(certificate, 600), reservation=reservation)
    assert loyalty.ask(ShowCertificate(certificate.id)).reserved == rub(600)
    loyalty.ask(ReleaseTenders(reservation), BOOKING)
    loyalty.ask(ReleaseTenders(reservation), BOOKING)
    assert loyalty.ask(ShowCertificate(certificate.id)).reserved == rub(0)
    reserve(loyalty, visit, tender(certificate, 200), reservation=reservation)
    assert loyalty.ask(ShowCertificate(certificate.id)).reserved == rub(200)


def test_all_is_set_aside_or_nothing(loyalty: Harness) -> None:
    one, two = sold(loyalty), sold(loyalty, 100)
    with pytest.raises(Invalid) as refused:
        reserve(loyalty, new_id(), tender(one, 600), tender(two, 101))
    assert (refused.value.code, set(refused.value.details["errors"])) == (
        "certificate_balance_too_small",
        {"tenders.1.amount"},
    )
    assert loyalty.ask(ShowCertificate(one.id)).reserved == rub(0)


def test_the_same_certificate_twice_in_a_payment_does_not_pay_twice(loyalty: Harness) -> None:
    certificate = sold(loyalty)
    with pytest.raises(Invalid, match="certificate_balance_too_small") as refused:
        reserve(loyalty, new_id(), tender(certificate, 600), tender(certificate, 600))
    assert set(refused.value.details["errors"]) == {"tenders.1.amount"}


def test_every_refusal_names_its_place(loyalty: Harness) -> None:
    good, over, blocked = sold(loyalty), sold(loyalty, expires_at=utc_now() + LATER), sold(loyalty)
    date_back(loyalty, over, expires_at=utc_now())
    loyalty.ask(BlockCertificate(blocked.id, "stolen"), MANAGER)
    unknown = Tender("certificate", 1, code=new_code(b"0123456789"))
    for wanted, currency, code, field in (
        (tender(good, 1), "EUR", "certificate_other_currency", "code"),
        (tender(good, 1_001), "RUB", "certificate_balance_too_small", "amount"),
        (tender(over, 1), "RUB", "certificate_expired", "code"),
        (tender(blocked, 1), "RUB", "certificate_blocked", "code"),
        (unknown, "RUB", "certificate_unknown", "code"),
        (Tender("certificate", 1, code="WRONG"), "RUB", "certificate_code_mistyped", "code"),
        (Tender("certificate", 1), "RUB", "certificate_code_missing", "code"),
        (tender(good, 0), "RUB", "amount_not_positive", "amount"),
    ):
        with pytest.raises(Invalid) as refused:
            reserve(loyalty, new_id(), wanted, currency=currency)
        assert (refused.value.code, set(refused.value.details["errors"])) == (code, {f"tenders.0.{field}"})


def test_of_two_at_once_one_wins(loyalty: Harness) -> None:
    certificate = sold(loyalty)
    outcomes: list[str] = []
    together = threading.Barrier(8)

    def pay() -> None:
        together.wait()
        try:
            reserve(loyalty, new_id(), tender(certificate, 600))
            outcomes.append("reserved")
        except Invalid as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=pay) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["certificate_balance_too_small"] * 7 + ["reserved"]


# --- bills -----------------------------------------------------------------------------------------------------------


def test_a_bill_told_twice_late_and_backwards_redeems_once(loyalty: Harness) -> None:
    certificate, visit = sold(loyalty), new_id()
    reservation = reserve(loyalty, visit, tender(certificate, 600))
    paid(loyalty, visit, reservation, 200, version=4)
    for version, net in ((2, 600), (3, 450), (4, 200), (2, 600)):
        paid(loyalty, visit, reservation, net, version=version)
    assert balance(loyalty, certificate) == 800
    assert entries(loyalty, certificate) == [("sold", 1_000), ("redeemed", -200)]


def test_a_refund_gives_back_exactly_what_went_back(loyalty: Harness) -> None:
    certificate, visit = sold(loyalty), new_id()
    reservation = reserve(loyalty, visit, tender(certificate, 600))
    for version, net in ((2, 600), (3, 450), (3, 450), (4, 0)):
        paid(loyalty, visit, reservation, net, version=version)
    assert balance(loyalty, certificate) == 1_000
    assert entries(loyalty, certificate) == [("sold", 1_000), ("redeemed", -600), ("reversed", 150), ("reversed", 450)]


def test_what_a_visit_does_not_use_or_is_cancelled_with_is_free(loyalty: Harness) -> None:
    certificate, visit, other = sold(loyalty), new_id(), new_id()
    reserve(loyalty, visit, tender(certificate, 300))
    second = reserve(loyalty, visit, tender(certificate, 500))
    paid(loyalty, visit, second, 500)
    assert loyalty.ask(ShowCertificate(certificate.id)).reserved == rub(0)
    assert balance(loyalty, certificate) == 500
    reserve(loyalty, other, tender(certificate, 500))
    loyalty.deliver(AppointmentCancelled(**vars(booked(other, CLARA)) | {"status": "cancelled", "version": 2}))
    assert loyalty.ask(ShowCertificate(certificate.id)).reserved == rub(0)


def test_what_no_bill_asks_for_is_free_after_a_while_and_a_late_bill_takes_what_is_left(loyalty: Harness) -> None:
    certificate, visit = sold(loyalty), new_id()
    reservation = reserve(loyalty, visit, tender(certificate, 600))
    with loyalty.session() as session:
        session.execute(update(pass_holds).values(expires_at=utc_now()))
        session.commit()
    loyalty.tick()
    assert loyalty.ask(ShowCertificate(certificate.id)).reserved == rub(0)
    meanwhile = new_id()
    paid(loyalty, meanwhile, reserve(loyalty, meanwhile, tender(certificate, 700)), 700)
    paid(loyalty, visit, reservation, 600)
    assert balance(loyalty, certificate) == 0
    assert entries(loyalty, certificate)[-1] == ("redeemed", -300)


def test_what_was_set_aside_pays_although_it_was_blocked_or_has_expired_since(loyalty: Harness) -> None:
    certificate, visit = sold(loyalty, expires_at=utc_now() + LATER), new_id()
    reservation = reserve(loyalty, visit, tender(certificate, 600))
    date_back(loyalty, certificate, expires_at=utc_now())
    loyalty.ask(BlockCertificate(certificate.id, "lost"), MANAGER)
    loyalty.tick()
    assert balance(loyalty, certificate) == 1_000
    paid(loyalty, visit, reservation, 600)
    loyalty.tick()
    assert entries(loyalty, certificate) == [
        ("sold", 1_000),
        ("blocked", 0),
        ("redeemed", -600),
        ("expired", -400),
    ]


def test_what_comes_back_to_an_expired_one_can_be_used_for_a_month(loyalty: Harness) -> None:
    certificate, visit = sold(loyalty, expires_at=utc_now() + LATER), new_id()
    reservation = reserve(loyalty, visit, tender(certificate, 600))
    paid(loyalty, visit, reservation, 600)
    date_back(loyalty, certificate, expires_at=utc_now())
    loyalty.tick()
    assert (balance(loyalty, certificate), entries(loyalty, certificate)[-1]) == (0, ("expired", -400))
    paid(loyalty, visit, reservation, 0, version=3)
    shown = loyalty.ask(ShowCertificate(certificate.id))
    assert (shown.state, shown.balance) == ("active", rub(600))
    assert timedelta(days=29) < shown.expires_at - utc_now() < timedelta(days=31)
    reserve(loyalty, new_id(), tender(certificate, 600))


# --- blocking and what is owed ---------------------------------------------------------------------------------------


def test_a_block_says_why_to_the_salon_alone_and_can_be_lifted(loyalty: Harness) -> None:
    certificate = sold(loyalty, recipient_id=CLARA)
    with pytest.raises(Forbidden):
        loyalty.ask(BlockCertificate(certificate.id, "lost"), DESK)
    blocked = loyalty.ask(BlockCertificate(certificate.id, "lost", " left in a taxi "), MANAGER)
    assert (blocked.state, blocked.block_reason, blocked.comment) == ("blocked", "lost", "left in a taxi")
    own = loyalty.ask(ShowCertificate(certificate.id), HERSELF)
    assert (own.state, own.block_reason, own.comment) == ("blocked", None, None)
    with pytest.raises(Conflict, match="certificate_blocked"):
        loyalty.ask(BlockCertificate(certificate.id, "lost"), MANAGER)
    again = loyalty.ask(UnblockCertificate(certificate.id), MANAGER)
    assert (again.state, again.block_reason, again.comment) == ("active", None, None)
    with pytest.raises(Conflict, match="certificate_not_blocked"):
        loyalty.ask(UnblockCertificate(certificate.id), MANAGER)
    assert entries(loyalty, certificate) == [("sold", 1_000), ("blocked", 0), ("unblocked", 0)]
    with pytest.raises(NotFound):
        loyalty.ask(BlockCertificate(certificate.id, "lost"), boris("certificates.block"))


def test_what_is_owed_is_told_by_branch_to_whoever_sees_money(loyalty: Harness) -> None:
    sold(loyalty, 1_000)
    lost, over = sold(loyalty, 200), sold(loyalty, 50, expires_at=utc_now() + LATER)
    loyalty.ask(SellCertificate(ELSEWHERE, rub(7), "card"))
    loyalty.ask(BlockCertificate(lost.id, "lost"), MANAGER)
    date_back(loyalty, over, expires_at=utc_now())
    here, elsewhere = loyalty.ask(ShowCertificateLiability()).branches
    assert (here.branch_id, here.certificates, here.outstanding, here.blocked) == (HERE, 2, rub(1_200), rub(200))
    assert (elsewhere.branch_id, elsewhere.outstanding, elsewhere.blocked) == (ELSEWHERE, rub(7), rub(0))
    accountant = replace(anna("certificates_liability.read"), marks=frozenset({"finance"}))
    assert loyalty.ask(ShowCertificateLiability(), accountant).branches == (here,)
    assert loyalty.ask(ShowCertificateLiability(HERE)).branches == (here,)
    (masked,) = loyalty.ask(ShowCertificateLiability(), anna("certificates_liability.read")).branches
    assert (masked.certificates, masked.outstanding) == (2, None)
    with pytest.raises(NotFound, match="branch_not_found"):
        loyalty.ask(ShowCertificateLiability(ELSEWHERE), accountant)


def test_lists_tell_by_state(loyalty: Harness) -> None:
    good, over = sold(loyalty), sold(loyalty, expires_at=utc_now() + LATER)
    date_back(loyalty, over, expires_at=utc_now())
    for state, wanted in (("active", [good.id]), ("expired", [over.id]), ("blocked", []), ("used_up", [])):
        shown = loyalty.ask(ListCertificates(state=state)).items
        assert [one.id for one in shown] == wanted
        assert {one.state for one in shown} <= {state}


# --- people ----------------------------------------------------------------------------------------------------------


def test_a_merge_moves_certificates_and_an_erasure_leaves_the_money(loyalty: Harness) -> None:
    other = numbered(7)
    loyalty.deliver(registered(other))
    certificate = sold(loyalty, buyer_id=other, recipient_id=other)
    loyalty.ask(BlockCertificate(certificate.id, "lost", "her bag was stolen"), MANAGER)
    loyalty.deliver(merged(CLARA, other))
    shown = loyalty.ask(ShowCertificate(certificate.id), MANAGER)
    assert (shown.buyer_id, shown.recipient_id, shown.comment) == (CLARA, CLARA, "her bag was stolen")
    loyalty.deliver(erased(CLARA, version=12))
    shown = loyalty.ask(ShowCertificate(certificate.id), MANAGER)
    assert (shown.buyer_id, shown.recipient_id, shown.comment) == (None, None, None)
    assert shown.balance == rub(1_000)
    loyalty.ask(UnblockCertificate(certificate.id), MANAGER)


def test_the_export_of_a_person_has_their_certificates_without_codes(loyalty: Harness) -> None:
    certificate = sold(loyalty, buyer_id=CLARA)
    loyalty.ask(BlockCertificate(certificate.id, "other", "she asked for it"), MANAGER)
    (held,) = loyalty.ask(ExportFromLoyalty(CLARA), a_service("clients")).passes.certificates
    assert (held.id, held.balance, held.code) == (certificate.id, rub(1_000), None)
    assert (held.block_reason, held.comment) == ("other", "she asked for it")


# --- the database ----------------------------------------------------------------------------------------------------


def test_entries_stay_and_a_balance_is_what_they_say(loyalty: Harness) -> None:
    certificate = sold(loyalty)
    statements = (
        update(certificate_entries).values(amount=5),
        certificate_entries.delete(),
        update(certificates).values(balance=900),
        certificates.delete(),
        update(certificates).values(balance=-1),
        update(certificates).values(reserved=1_001),
    )
    for statement in statements:
        with loyalty.session() as session, pytest.raises(DBAPIError):
            session.execute(statement)
            session.commit()
    assert balance(loyalty, certificate) == 1_000
    with loyalty.session() as session:
        assert session.scalars(select(certificate_entries.c.amount)).all() == [1_000]
