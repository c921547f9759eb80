"""Accounts of clients: what was paid in is there until it is spent, and nothing of it is ever lost."""

import threading
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from chassis.database import new_id
from contracts.booking import CurrencyInUse, ShowCurrency
from contracts.clients import (
    AccountEntry,
    AdjustAccount,
    ChargeAccount,
    EraseClient,
    ListAccountEntries,
    PersonalDataHandled,
    ReverseAccountEntry,
    ShowAccount,
    ShowAccountEntry,
    ShowClient,
    TakeDeposit,
    WithdrawDeposit,
)
from contracts.message import Request
from kernel.errors import Conflict, Forbidden, Gone, Invalid, NotFound
from kernel.money import NO_CURRENCY, Money
from services.clients.queries.unreadable import unreadable
from services.clients.tables import account_entries, account_lines, account_texts
from tests.builders import HERE, OWNER, a_user, anna, boris
from tests.component.clients.conftest import clara, refused
from tests.facts import booked, completed, line, refunded
from tests.harness import Harness

RIGHTS = ("clients_account.read", "clients_account.deposit", "clients_account.charge", "clients_account.withdraw")
DESK = anna("clients.read", *RIGHTS)


def rub(amount: int) -> Money:
    return Money(amount, "RUB")


def deposit(client_id: UUID, amount: int = 1_000, **said: object) -> TakeDeposit:
    return TakeDeposit(client_id, rub(amount), **{"paid_by": "cash"} | said)


def balance(salon: Harness, client_id: UUID) -> int:
    return int(salon.ask(ShowAccount(client_id)).balance.amount)


def an_appointment_of(salon: Harness, client_id: UUID) -> UUID:
    appointment = booked(new_id(), client_id)
    salon.deliver(appointment)
    return appointment.appointment_id


def settled(salon: Harness) -> bool:
    """Every entry adds up to nothing, and every balance is the sum of what is on the client's account."""
    with salon.session() as session:
        crooked = session.scalar(
            text(
                "SELECT count(*) FROM (SELECT FROM account_lines GROUP BY entry_id HAVING sum(amount) <> 0) AS crooked"
            )
        )
        wrong = session.scalar(
            text(
                "SELECT count(*) FROM accounts WHERE balance <> coalesce((SELECT sum(account_lines.amount)"
                " FROM account_lines JOIN account_entries ON id = entry_id WHERE account = 'client'"
                " AND account_entries.client_id = accounts.client_id), 0)"
            )
        )
    return crooked == wrong == 0


def test_what_is_paid_in_is_spent_and_paid_out(salon: Harness) -> None:
    card = salon.ask(clara())
    empty = salon.ask(ShowAccount(card.id), DESK)
    assert (empty.balance.amount, empty.deposit.amount, empty.debt.amount, empty.balance.currency) == (
        0,
        0,
        0,
        NO_CURRENCY,
    )
    paid = salon.ask(deposit(card.id, comment=" for the holidays "), DESK)
    assert (paid.kind, paid.amount, paid.against, paid.balance, paid.number) == (
        "deposit",
        rub(1_000),
        "cash",
        rub(1_000),
        1,
    )
    assert (paid.author_id, paid.text) == (DESK.id, "for the holidays")
    charged = salon.ask(ChargeAccount(card.id, rub(300)), DESK)
    assert (charged.amount, charged.against, charged.balance) == (rub(-300), "revenue", rub(700))
    out = salon.ask(WithdrawDeposit(card.id, rub(700), "card"), DESK)
    assert (out.amount, out.against, out.balance, out.text) == (rub(-700), "card", rub(0), None)
    assert salon.ask(ListAccountEntries(card.id), DESK).items == (out, charged, paid)
    page = salon.ask(ListAccountEntries(card.id, limit=2))
    assert salon.ask(ListAccountEntries(card.id, limit=2, cursor=page.next)).items == (paid,)
    assert salon.ask(ShowAccountEntry(card.id, paid.id)) == paid
    assert settled(salon)


def test_only_who_may_overdraw_leaves_a_debt(salon: Harness) -> None:
    card = salon.ask(clara())
    salon.ask(deposit(card.id, 100))
    for request in (WithdrawDeposit(card.id, rub(101), "cash"), ChargeAccount(card.id, rub(101))):
        refused(Conflict, "deposit_too_small", lambda r=request: salon.ask(r, DESK))
    salon.ask(ChargeAccount(card.id, rub(250)), anna(*RIGHTS, "clients_account.overdraw"))
    account = salon.ask(ShowAccount(card.id), DESK)
    assert (account.balance, account.deposit, account.debt) == (rub(-150), rub(0), rub(150))
    assert salon.ask(deposit(card.id, 150)).balance == rub(0)


@pytest.mark.parametrize("amount", [0, -1])
def test_an_amount_is_more_than_nothing(salon: Harness, amount: int) -> None:
    card = salon.ask(clara())
    for request in (
        deposit(card.id, amount),
        WithdrawDeposit(card.id, rub(amount), "cash"),
        ChargeAccount(card.id, rub(amount)),
    ):
        refusal = refused(Invalid, "amount_not_positive", lambda r=request: salon.ask(r))
        assert list(refusal.details["errors"]) == ["amount"]


def test_the_currency_is_that_of_the_installation(salon: Harness) -> None:
    """As booking says, or else as bills and accounts have it."""
    card, other = salon.ask(clara()), salon.ask(clara(phones=()))
    salon.others.answers[ShowCurrency] = lambda _: CurrencyInUse("EUR")
    refused(Invalid, "currency_differs", lambda: salon.ask(deposit(card.id)))
    assert salon.ask(ShowAccount(card.id)).balance == Money(0, "EUR")
    salon.others.answers[ShowCurrency] = lambda _: CurrencyInUse(None)
    salon.ask(deposit(card.id))
    refused(Invalid, "currency_differs", lambda: salon.ask(TakeDeposit(other.id, Money(1, "EUR"), "cash")))
    assert salon.ask(ShowAccount(other.id)).balance == rub(0)


def test_no_account_holds_more_than_every_reader_can_count(salon: Harness) -> None:
    card = salon.ask(clara())
    salon.ask(deposit(card.id, 2**53 - 1))
    refused(Conflict, "balance_out_of_range", lambda: salon.ask(deposit(card.id, 1)))


def test_an_adjustment_has_a_reason_and_a_sign(salon: Harness) -> None:
    card = salon.ask(clara())
    taken = salon.ask(AdjustAccount(card.id, rub(-50), "counted twice"))
    assert (taken.amount, taken.against, taken.balance, taken.text) == (
        rub(-50),
        "adjustment",
        rub(-50),
        "counted twice",
    )
    refused(Invalid, "text_blank", lambda: salon.ask(AdjustAccount(card.id, rub(5), " ")))
    refused(Invalid, "amount_not_positive", lambda: salon.ask(AdjustAccount(card.id, rub(0), "nothing")))


def test_an_entry_is_taken_back_once(salon: Harness) -> None:
    """Even if it has been spent: then the client owes it."""
    card = salon.ask(clara())
    paid = salon.ask(deposit(card.id, 500))
    salon.ask(ChargeAccount(card.id, rub(400)))
    back = salon.ask(ReverseAccountEntry(card.id, paid.id, "somebody else's money"))
    assert (back.kind, back.amount, back.against, back.reverses_id, back.balance) == (
        "reversal", rub(-500), "cash", paid.id, rub(-400),
    )  # fmt: skip
    assert salon.ask(ShowAccountEntry(card.id, paid.id)).reversed_by_id == back.id
    refused(Conflict, "entry_reversed", lambda: salon.ask(ReverseAccountEntry(card.id, paid.id, "again")))
    refused(Conflict, "entry_not_reversible", lambda: salon.ask(ReverseAccountEntry(card.id, back.id, "again")))
    other = salon.ask(clara(phones=()))
    refused(NotFound, "entry_not_found", lambda: salon.ask(ReverseAccountEntry(other.id, paid.id, "not hers")))
    assert settled(salon)


def test_an_appointment_is_charged_once_until_that_is_taken_back(salon: Harness) -> None:
    card = salon.ask(clara())
    visit = an_appointment_of(salon, card.id)
    salon.ask(deposit(card.id, 1_000))
    first = salon.ask(ChargeAccount(card.id, rub(300), visit))
    refused(Conflict, "appointment_charged", lambda: salon.ask(ChargeAccount(card.id, rub(300), visit)))
    salon.ask(ReverseAccountEntry(card.id, first.id, "too much"))
    assert salon.ask(ChargeAccount(card.id, rub(200), visit)).balance == rub(800)
    for other in (new_id(), an_appointment_of(salon, salon.ask(clara(phones=())).id)):
        refused(Invalid, "appointment_unknown", lambda o=other: salon.ask(ChargeAccount(card.id, rub(1), o)))


def test_what_a_visit_leaves_unpaid_is_owed_exactly_once(salon: Harness) -> None:
    """Told twice, and once more in an older bill; a refund gives back what was paid and leaves the debt."""
    card = salon.ask(clara())
    visit = completed(new_id(), card.id, line(1_000), paid=400)
    later = refunded(visit.appointment_id, card.id, line(1_000, refunded=400), paid=400, version=3)
    salon.ask(deposit(card.id, 100))
    salon.deliver(visit, visit, later, visit)
    assert balance(salon, card.id) == -500
    entry = salon.ask(ListAccountEntries(card.id)).items[0]
    assert (entry.kind, entry.amount, entry.appointment_id, entry.author_id) == (
        "visit", rub(-600), visit.appointment_id, None,
    )  # fmt: skip
    refused(Conflict, "visit_on_account", lambda: salon.ask(ChargeAccount(card.id, rub(1), visit.appointment_id)))
    salon.deliver(completed(new_id(), card.id), completed(new_id(), None, line(1_000), paid=0))
    assert balance(salon, card.id) == -500


def test_an_older_bill_that_comes_late_makes_no_debt(salon: Harness) -> None:
    card = salon.ask(clara())
    visit = completed(new_id(), card.id, line(1_000), paid=400)
    salon.deliver(refunded(visit.appointment_id, card.id, line(1_000), paid=1_000, version=3), visit)
    assert balance(salon, card.id) == 0


def test_what_was_charged_by_hand_is_not_owed_again(salon: Harness) -> None:
    """In whatever order the charge, its reversal and the bill come to be known."""
    for bill_first in (False, True):
        card = salon.ask(clara(phones=()))
        bill = completed(an_appointment_of(salon, card.id), card.id, line(1_000), paid=400)
        salon.ask(deposit(card.id, 1_000))
        charge = salon.ask(ChargeAccount(card.id, rub(450), bill.appointment_id))
        if bill_first:
            salon.deliver(bill)
            assert balance(salon, card.id) == 400
        salon.ask(ReverseAccountEntry(card.id, charge.id, "the wrong visit"))
        if not bill_first:
            salon.deliver(bill)
        assert balance(salon, card.id) == 400


def test_a_debt_that_was_taken_back_does_not_return_with_the_next_bill(salon: Harness) -> None:
    card = salon.ask(clara())
    visit = completed(new_id(), card.id, line(1_000), paid=400)
    salon.deliver(visit)
    (entry,) = salon.ask(ListAccountEntries(card.id)).items
    salon.ask(ReverseAccountEntry(card.id, entry.id, "a present"))
    salon.deliver(refunded(visit.appointment_id, card.id, line(1_000, refunded=100), paid=400, version=3))
    assert balance(salon, card.id) == 0


def test_the_card_shows_the_balance_to_who_may_see_money(salon: Harness) -> None:
    card = salon.ask(clara())
    assert card.account_balance is None
    salon.ask(deposit(card.id))
    assert salon.ask(ShowClient(card.id)).account_balance == rub(1_000)
    assert salon.ask(ShowClient(card.id), DESK).account_balance is None
    accountant = anna("clients.read", marks=frozenset({"finance"}))
    assert salon.ask(ShowClient(card.id), accountant).account_balance == rub(1_000)


def requests(client_id: UUID, entry: AccountEntry) -> tuple[Request[object], ...]:
    return (
        ShowAccount(client_id),
        ListAccountEntries(client_id),
        ShowAccountEntry(client_id, entry.id),
        deposit(client_id),
        WithdrawDeposit(client_id, rub(1), "cash"),
        ChargeAccount(client_id, rub(1)),
        AdjustAccount(client_id, rub(1), "x"),
        ReverseAccountEntry(client_id, entry.id, "x"),
    )


def test_boris_may_not_touch_accounts_of_clients_of_another_branch(salon: Harness) -> None:
    card = salon.ask(clara(home_branch_id=HERE))
    entry = salon.ask(deposit(card.id))
    for request in requests(card.id, entry):
        permission = type(request).permission
        refused(NotFound, "client_not_found", lambda r=request, p=permission: salon.ask(r, boris(p)))
        refused(Forbidden, "permission_missing", lambda r=request: salon.ask(r, anna("clients.read")))


def test_clara_sees_her_account_and_not_what_is_said_of_it(salon: Harness) -> None:
    card = salon.ask(clara())
    salon.ask(deposit(card.id, comment="always pays late"))
    herself = a_user("clients_account.read.own", client_id=card.id)
    assert salon.ask(ShowAccount(card.id), herself).deposit == rub(1_000)
    assert [entry.text for entry in salon.ask(ListAccountEntries(card.id), herself).items] == [None]


def test_a_repeated_request_pays_once(salon: Harness) -> None:
    card = salon.ask(clara())
    answers = {salon.ask(deposit(card.id, comment="once"), key="till").id for _ in range(3)}
    assert (len(answers), balance(salon, card.id)) == (1, 1_000)


def test_the_person_goes_and_the_sums_stay(salon: Harness) -> None:
    """Whatever is left, the person may be forgotten; the journal says what it was."""
    card = salon.ask(clara())
    entry = salon.ask(deposit(card.id, comment="for Clara"))
    salon.ask(EraseClient(card.id, 1))
    for request in requests(card.id, entry):
        refused(Gone, "client_erased", lambda r=request: salon.ask(r))
    with salon.session() as session:
        assert session.execute(select(account_texts)).all() == []
        assert session.scalar(select(func.sum(account_entries.c.amount))) == 1_000
    (deed,) = [each for each in salon.announced(PersonalDataHandled) if each.action == "client.account_left"]
    assert (deed.subject_id, deed.actor_id, dict(deed.details)) == (
        card.id, OWNER.id, {"balance": ("1000",), "currency": ("RUB",)},
    )  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE account_entries SET amount = amount + 1",
        "DELETE FROM account_entries",
        "UPDATE account_lines SET amount = 0",
        "DELETE FROM account_lines",
        "DELETE FROM accounts",
        "UPDATE accounts SET balance = balance + 1",
        "UPDATE accounts SET entries = 0",
        "INSERT INTO account_lines SELECT entry_id, 'card', 1 FROM account_lines LIMIT 1",
        "INSERT INTO account_entries SELECT gen_random_uuid(), client_id, 2, kind, 1, 1001, at FROM account_entries",
    ],
)
def test_the_database_lets_nobody_touch_the_ledger(salon: Harness, statement: str) -> None:
    salon.ask(deposit(salon.ask(clara()).id))
    with salon.session() as session, pytest.raises(DBAPIError):
        session.execute(text(statement))
        session.commit()
    assert settled(salon)


def test_a_damaged_comment_is_noticed_and_hides_no_entry(salon: Harness) -> None:
    card = salon.ask(clara())
    entry = salon.ask(deposit(card.id, comment="for the holidays"))
    with salon.session() as session:
        session.execute(text("UPDATE account_texts SET text = text || 'x'::bytea"))
        session.commit()
        assert list(unreadable(session, salon.dispatcher.instance.vault)) == [("entry", entry.id)]
    assert salon.ask(ShowAccountEntry(card.id, entry.id)).text is None


def test_of_many_who_withdraw_at_once_nobody_overdraws(salon: Harness) -> None:
    """Eight take from the same deposit while eight pay in: what is left is what the entries say."""
    card = salon.ask(clara())
    salon.ask(deposit(card.id, 300))
    outcomes: list[str] = []

    def ask(request: Request[object]) -> None:
        answer = salon.answer(request, DESK)
        outcomes.append(answer.error.code if answer.error else "ok")

    work = [WithdrawDeposit(card.id, rub(100), "cash"), deposit(card.id, 10)] * 8
    threads = [threading.Thread(target=ask, args=(request,)) for request in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (outcomes.count("ok"), outcomes.count("deposit_too_small")) == (11, 5)
    assert balance(salon, card.id) == 80
    with salon.session() as session:
        numbers = session.scalars(select(account_entries.c.number).order_by(account_entries.c.number)).all()
        assert list(numbers) == list(range(1, 13))
        assert session.scalar(select(func.sum(account_lines.c.amount))) == 0
    assert settled(salon)
