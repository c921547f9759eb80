"""Two cards of one person become one: what it says, what hangs on it, who finds it, and what others are told."""

import itertools
import threading
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from contracts.booking import CheckMerge, MergeCheck
from contracts.clients import (
    LONG_STORAGE,
    AddConsentDocument,
    AddNote,
    CheckClient,
    CheckConditions,
    Client,
    ClientChanged,
    ClientErased,
    ClientsMerged,
    CreateClientField,
    EraseClient,
    ExportClient,
    FieldValue,
    GiveConsent,
    GivePerk,
    ListClientChanges,
    ListClients,
    ListConsents,
    ListMerges,
    ListNotes,
    ListPerks,
    MergeClients,
    NameClients,
    PersonalDataHandled,
    RedeemPerk,
    SearchClients,
    ShowClient,
    ShowNote,
    ShowVisitHistory,
    Source,
    WithdrawConsent,
)
from kernel.errors import Conflict, Forbidden, Gone, Invalid, NotFound, Stale
from services.clients.queries.retention import long_unseen
from services.clients.tables import clients, consents, merges
from tests.builders import ELSEWHERE, HERE, OWNER, a_service, anna, boris
from tests.component.clients.conftest import ANNA, PHONE, Start, an_appointment, clara, refused
from tests.component.clients.test_client_export import ELSEWHERE as HELD_ELSEWHERE
from tests.harness import Harness

OTHER_PHONE = "+79167654321"
NOWHERE = UUID("0190b000-0000-7000-8000-0000000000ff")  # a third branch
MERGING = ("clients.read", "clients.merge", "client_changes.read")


@pytest.fixture
def salon(start: Start) -> Harness:
    harness = start("clients")
    harness.others.answers[CheckMerge] = lambda _: MergeCheck(())
    return harness


def a_card(salon: Harness, **said: object) -> Client:
    card: Client = salon.ask(clara(**{"phones": ()} | said))
    return card


def merge(salon: Harness, kept: Client | UUID, duplicate: Client | UUID, caller: Any = OWNER, **more: Any) -> Client:
    ids = [one if isinstance(one, UUID) else one.id for one in (kept, duplicate)]
    card: Client = salon.ask(MergeClients(*ids, **more), caller)
    return card


def test_the_card_says_what_both_said(salon: Harness) -> None:
    """What it lacks comes from the other; phones, categories and contraindications of both stand on it."""
    kept = a_card(salon, phones=(PHONE,), contraindications=("latex",), comment="likes tea", patronymic=None)
    duplicate = a_card(
        salon,
        phones=(OTHER_PHONE,),
        phone_labels=("work",),
        email="clara@example.com",
        birth_date=date(1990, 5, 1),
        contraindications=("Latex", "henna"),
        comment="likes coffee",
        source=Source("Instagram", "a reel"),
        importance="gold",
        patronymic="Ивановна",
    )
    card = merge(salon, kept, duplicate)
    assert (card.id, card.version, card.phones, card.phone_labels) == (kept.id, 2, (PHONE, OTHER_PHONE), ("", "work"))
    assert (card.email, card.birth_date, card.importance) == ("clara@example.com", date(1990, 5, 1), "gold")
    assert (card.comment, card.patronymic, card.source) == ("likes tea", "Ивановна", Source("Instagram", "a reel"))
    assert card.contraindications == ("latex", "henna")
    assert salon.ask(ShowClient(kept.id)).phones == card.phones


def test_fields_can_be_taken_from_the_duplicate(salon: Harness) -> None:
    kept = a_card(salon, first_name="Klara", comment="old", email="old@example.com")
    duplicate = a_card(salon, first_name="Clara", comment="new", email="new@example.com")
    card = merge(salon, kept, duplicate, take=("first_name", "comment"))
    assert (card.first_name, card.comment, card.email) == ("Clara", "new", "old@example.com")


def test_the_duplicate_is_gone_and_says_where_to(salon: Harness) -> None:
    """At every entrance, through a chain of merges; lists, names and searches do not know it."""
    first, second, third = (a_card(salon, phones=(f"+7916000000{n}",), first_name=f"К{n}") for n in range(3))
    merge(salon, second, first)
    merge(salon, third, second)
    for gone in (first, second):
        for request in (ShowClient(gone.id), ListNotes(gone.id), EraseClient(gone.id, 2), ListMerges(gone.id)):
            refusal = refused(Gone, "merged", lambda r=request: salon.ask(r))
            assert refusal.details["merged_into"] == str(third.id)
        refused(Gone, "merged", lambda g=gone: merge(salon, third, g))
        refused(Gone, "merged", lambda g=gone: merge(salon, g, third))
        standing = salon.ask(CheckClient(gone.id), a_service("booking"))
        assert (standing.state, standing.merged_into) == ("erased", third.id)
    assert [one.id for one in salon.ask(ListClients()).items] == [third.id]
    assert [one.id for one in salon.ask(NameClients((first.id, second.id, third.id))).items] == [third.id]
    for phone in ("+79160000000", "+79160000001", "+79160000002"):
        assert [one.id for one in salon.ask(SearchClients(phone)).items] == [third.id]
    assert salon.ask(SearchClients("К0")).items == ()


def test_what_hangs_on_both_is_one_persons(salon: Harness) -> None:
    """Notes, perks, visits and branches; a perk of the duplicate is redeemed on the card."""
    kept, duplicate = a_card(salon, home_branch_id=HERE), a_card(salon, home_branch_id=ELSEWHERE)
    one = salon.ask(AddNote(kept.id, "sits by the window"))
    other = salon.ask(AddNote(duplicate.id, "brings her dog"))
    perk = salon.ask(GivePerk(duplicate.id, "a free fringe", 2))
    visit = an_appointment(duplicate.id, ELSEWHERE)
    salon.deliver(visit)
    merge(salon, kept, duplicate)
    late = an_appointment(duplicate.id, UUID(int=77))
    salon.deliver(late)
    notes = salon.ask(ListNotes(kept.id)).items
    assert [(note.id, note.text, note.client_id) for note in notes] == [
        (other.id, "brings her dog", kept.id),
        (one.id, "sits by the window", kept.id),
    ]
    assert salon.ask(ShowNote(kept.id, other.id)).text == "brings her dog"
    assert salon.ask(RedeemPerk(kept.id, perk.id)).left == 1
    assert [each.client_id for each in salon.ask(ListPerks(kept.id)).items] == [kept.id]
    visits = salon.ask(ShowVisitHistory(kept.id)).items
    assert {each.appointment_id for each in visits} == {visit.appointment_id, late.appointment_id}
    assert salon.ask(ShowClient(kept.id), boris("clients.read")).id == kept.id
    assert salon.ask(ShowClient(kept.id), anna("clients.read", branch_ids=frozenset({UUID(int=77)}))).id == kept.id


def test_fields_of_the_salons_own_are_filled(salon: Harness) -> None:
    shoe, tea = (salon.ask(CreateClientField(name, "text", personal=True)).id for name in ("Shoe size", "Tea"))
    kept = a_card(salon, custom=(FieldValue(shoe, "38"),))
    duplicate = a_card(salon, custom=(FieldValue(shoe, "39"), FieldValue(tea, "green")))
    card = merge(salon, kept, duplicate)
    assert {one.field_id: one.value for one in card.custom or ()} == {shoe: "38", tea: "green"}


def test_of_two_chains_of_consent_the_last_word_counts(salon: Harness) -> None:
    """A withdrawal that is later than what the other card agreed to stays one."""
    salon.ask(AddConsentDocument("marketing", "Advertising", "I agree to letters."))
    kept, duplicate = a_card(salon), a_card(salon)
    agreed = salon.ask(GiveConsent(kept.id, "marketing", 1, "paper"))
    other = salon.ask(GiveConsent(duplicate.id, "marketing", 1, "paper"))
    salon.ask(WithdrawConsent(kept.id, agreed.id, "phone", "no more letters"))
    merge(salon, kept, duplicate)
    states = {one.id: one.state for one in salon.ask(ListConsents(kept.id)).items}
    assert states == {agreed.id: "withdrawn", other.id: "superseded"}
    again = salon.ask(GiveConsent(kept.id, "marketing", 1, "paper"))
    assert salon.ask(WithdrawConsent(kept.id, again.id, "phone")).state == "withdrawn"


def test_a_consent_of_the_duplicate_is_withdrawn_on_the_card(salon: Harness) -> None:
    salon.ask(AddConsentDocument("marketing", "Advertising", "I agree to letters."))
    kept, duplicate = a_card(salon), a_card(salon)
    agreed = salon.ask(GiveConsent(duplicate.id, "marketing", 1, "paper"))
    merge(salon, kept, duplicate)
    taken_back = salon.ask(WithdrawConsent(kept.id, agreed.id, "phone", "no more letters"))
    assert (taken_back.state, taken_back.withdrawal and taken_back.withdrawal.reason) == (
        "withdrawn",
        "no more letters",
    )


# --- referrals -------------------------------------------------------------------------------------------------------


def test_whom_the_duplicate_brought_the_person_brought(salon: Harness) -> None:
    olga = a_card(salon, first_name="Olga")
    kept, duplicate = a_card(salon), a_card(salon, referrer_id=olga.id)
    child = a_card(salon, referrer_id=duplicate.id)
    assert merge(salon, kept, duplicate).referrer_id == olga.id
    shown = salon.ask(ShowClient(child.id))
    assert (shown.referrer_id, shown.version) == (kept.id, 1)
    refused(Invalid, "referrer_unknown", lambda: a_card(salon, referrer_id=duplicate.id))


@pytest.mark.parametrize("which", ["kept brought the other", "the other brought kept"])
def test_nobody_is_brought_by_themselves(salon: Harness, which: str) -> None:
    first = a_card(salon)
    second = a_card(salon, referrer_id=first.id)
    kept, duplicate = (first, second) if which.startswith("kept") else (second, first)
    assert merge(salon, kept, duplicate).referrer_id is None


def test_no_loop_comes_about(salon: Harness) -> None:
    """The referrer of the card was brought by the duplicate: then it cannot stay, and that of the duplicate comes."""
    top = a_card(salon)
    duplicate = a_card(salon, referrer_id=top.id)
    between = a_card(salon, referrer_id=duplicate.id)
    kept = a_card(salon, referrer_id=between.id)
    assert merge(salon, kept, duplicate).referrer_id == top.id
    assert salon.ask(ShowClient(between.id)).referrer_id == kept.id


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_whatever_is_merged_the_graph_of_referrals_stays_whole(salon: Harness, data: st.DataObject) -> None:
    """Referrers are cards that live, nobody is above themselves, and whom anybody brought is still brought."""
    cards: list[Client] = []
    for _ in range(7):
        referrer = data.draw(st.sampled_from([None, *cards]))
        cards.append(a_card(salon, referrer_id=referrer and referrer.id))
    brought = {card.id: card.referrer_id for card in cards}
    living, into = [card.id for card in cards], {card.id: card.id for card in cards}
    for _ in range(data.draw(st.integers(1, 5))):
        kept, duplicate = data.draw(st.permutations(living))[:2]
        merge(salon, kept, duplicate)
        living.remove(duplicate)
        into = {one: kept if now == duplicate else now for one, now in into.items()}
    referrers = {one: salon.ask(ShowClient(one)).referrer_id for one in living}
    for one in living:
        above, seen = referrers[one], {one}
        while above is not None:
            assert above in living
            assert above not in seen
            seen.add(above)
            above = referrers[above]
        claims = {into[who] for card, who in brought.items() if who is not None and into[card] == one}
        assert referrers[one] in {None, *claims}
        if list(into.values()).count(one) == 1 and claims:
            assert referrers[one] in claims


# --- the trace -------------------------------------------------------------------------------------------------------


def test_a_merge_can_be_traced(salon: Harness) -> None:
    """Who, when, which card, which fields; how the card changed by it, and what became of the other before."""
    kept, duplicate = a_card(salon, email=None), a_card(salon, email="clara@example.com", comment="a regular")
    merge(salon, kept, duplicate)
    (found,) = salon.ask(ListMerges(kept.id)).items
    assert (found.merged_id, found.kept_id, found.merged_by) == (duplicate.id, kept.id, OWNER.id)
    assert set(found.taken) == {"email", "comment"}
    assert found.card is not None
    assert (found.card.id, found.card.email, found.card.comment) == (duplicate.id, "clara@example.com", "a regular")
    (change,) = salon.ask(ListClientChanges(kept.id)).items
    assert {each.field for each in change.fields} >= {"email", "comment"}
    assert salon.ask(ListClientChanges(kept.id, merged_id=duplicate.id)).items == ()
    (deed,) = [each for each in salon.announced(PersonalDataHandled) if each.action == "client.merged"]
    assert (deed.subject_id, deed.actor_id, deed.details["merged"]) == (kept.id, OWNER.id, (str(duplicate.id),))


@pytest.mark.parametrize("take", [(), ("home_branch_id",)])
def test_whoever_saw_one_of_the_two_sees_the_person(salon: Harness, take: tuple[str, ...]) -> None:
    """Also a branch where neither had an appointment yet, and after the next merge."""
    here, there = a_card(salon, home_branch_id=HERE), a_card(salon, first_name="Olga", home_branch_id=ELSEWHERE)
    merge(salon, here, there, take=take)
    last = a_card(salon, home_branch_id=NOWHERE)
    (told,) = salon.announced(ClientsMerged)
    assert told.were_homes == ((HERE,) if take else (ELSEWHERE,))
    assert_seen_by(salon, here, HERE, ELSEWHERE)
    merge(salon, last, here)
    assert_seen_by(salon, last, HERE, ELSEWHERE, NOWHERE)
    standing = salon.ask(CheckClient(last.id), a_service("booking"))
    assert (standing.home_branch_id, set(standing.were_homes)) == (NOWHERE, {HERE, ELSEWHERE})


def assert_seen_by(salon: Harness, card: Client, *branch_ids: UUID) -> None:
    for branch_id in branch_ids:
        caller = boris("clients.read", branch_ids=frozenset({branch_id}))
        assert salon.ask(ShowClient(card.id), caller).id == card.id
        assert card.id in [one.id for one in salon.ask(SearchClients("Клара"), caller).items]


def test_others_are_told_by_ids(salon: Harness) -> None:
    kept, duplicate = a_card(salon), a_card(salon, source=Source("Instagram"))
    merge(salon, kept, duplicate)
    (told,) = salon.announced(ClientsMerged)
    assert (told.client_id, told.version, told.merged_id, told.merged_version) == (kept.id, 2, duplicate.id, 2)
    (changed,) = salon.announced(ClientChanged)
    assert (changed.client_id, changed.version, changed.channel) == (kept.id, 2, "Instagram")


def test_the_earlier_registration_counts(salon: Harness) -> None:
    """Lists keep their order, and pages of a search find the card at its new place."""
    early, other, late = a_card(salon), a_card(salon, first_name="Olga"), a_card(salon)
    card = merge(salon, late, early)
    assert card.registered_at == early.registered_at
    assert [one.id for one in salon.ask(ListClients()).items] == [late.id, other.id]
    assert [one.id for one in salon.ask(SearchClients("Клара")).items] == [late.id]


def test_conditions_of_the_duplicate_are_those_of_the_card(salon: Harness) -> None:
    """Booking may still ask by the old id."""
    kept, duplicate = a_card(salon), a_card(salon, contraindications=("henna",))
    merge(salon, kept, duplicate)
    for one in (kept, duplicate):
        assert salon.ask(CheckConditions(one.id, ("henna",)), a_service("booking")).matched == (True,)


# --- erasure and export ----------------------------------------------------------------------------------------------


def test_the_person_is_erased_with_all_cards(salon: Harness) -> None:
    """Each key is destroyed, each card told of; nothing of the duplicate opens any more."""
    kept, duplicate = a_card(salon), a_card(salon)
    salon.ask(AddNote(duplicate.id, "brings her dog"))
    card = merge(salon, kept, duplicate)
    salon.ask(EraseClient(kept.id, card.version))
    assert {one.client_id for one in salon.announced(ClientErased)} == {kept.id, duplicate.id}
    assert salon.dispatcher.instance.keyring.keys([kept.id, duplicate.id]) == {}
    for gone in (kept, duplicate):
        refused(Gone, "client_erased", lambda g=gone: salon.ask(ShowClient(g.id)))
    with salon.session() as session:
        for table in clients.metadata.tables.values():
            if "client_id" in table.c and table.name not in ("client_branches", "visits"):
                its = table.c.client_id.in_((kept.id, duplicate.id))
                assert session.execute(table.select().where(its)).all() == [], table.name
        assert len(session.execute(merges.select()).all()) == 1


def test_the_person_is_erased_with_a_chain_of_consents_over_three_cards(salon: Harness) -> None:
    first, second, third = (a_card(salon) for _ in range(3))
    salon.ask(AddConsentDocument("marketing", "Offers", "Send me offers."))
    before = None
    for card in (first, second, third):
        if before is not None:
            merge(salon, card, before)
        given = salon.ask(GiveConsent(card.id, "marketing", 1, "paper"))
        salon.ask(WithdrawConsent(card.id, given.id, "paper"))
        before = card
    assert len(salon.ask(ListConsents(third.id)).items) == 3
    salon.ask(EraseClient(third.id, version=2))
    with salon.session() as session:
        assert session.execute(select(consents)).all() == []


def test_a_stored_answer_goes_with_the_person(salon: Harness) -> None:
    """Else a merge that is asked for again would show somebody who was erased."""
    kept, duplicate = a_card(salon), a_card(salon)
    request = MergeClients(kept.id, duplicate.id)
    card = salon.ask(request, key="merge")
    assert salon.answer(request, key="merge").replay
    salon.ask(EraseClient(kept.id, card.version))
    again = salon.answer(request, key="merge")
    assert again.error is not None
    assert (again.error.code, again.replay) == ("client_erased", False)


def test_who_came_with_the_duplicate_is_not_forgotten(salon: Harness) -> None:
    """For retention the visits and consents of all cards of a person count."""
    long_ago = datetime(2015, 1, 1, tzinfo=UTC)
    kept, duplicate = a_card(salon), a_card(salon)
    salon.ask(AddConsentDocument(LONG_STORAGE, "Storage", "Keep my card."))
    salon.ask(GiveConsent(duplicate.id, LONG_STORAGE, 1, "paper"))
    merge(salon, kept, duplicate)
    months = long_unseen(datetime(2040, 1, 1, tzinfo=UTC), 12)
    with salon.session() as session:
        session.execute(update(clients).values(registered_at=long_ago))
        assert session.scalars(select(clients.c.id).where(months)).all() == []
        session.execute(consents.delete())
        assert session.scalars(select(clients.c.id).where(months)).all() == [kept.id]


def test_a_consent_to_be_kept_that_was_taken_back_on_the_other_card_keeps_nobody(salon: Harness) -> None:
    salon.ask(AddConsentDocument(LONG_STORAGE, "Storage", "Keep my card."))
    months = long_unseen(datetime(2040, 1, 1, tzinfo=UTC), 12)
    forgotten = set()
    for taken_back_on, again in itertools.product((0, 1), (False, True)):
        cards = a_card(salon), a_card(salon)
        given = [salon.ask(GiveConsent(card.id, LONG_STORAGE, 1, "paper")) for card in cards]
        salon.ask(WithdrawConsent(cards[taken_back_on].id, given[taken_back_on].id, "paper"))
        merge(salon, *cards)
        if again:
            salon.ask(GiveConsent(cards[0].id, LONG_STORAGE, 1, "paper"))
        else:
            forgotten.add(cards[0].id)
    with salon.session() as session:
        session.execute(update(clients).values(registered_at=datetime(2015, 1, 1, tzinfo=UTC)))
        assert set(session.scalars(select(clients.c.id).where(months))) == forgotten


def test_old_visits_of_the_duplicate_keep_nobody(salon: Harness) -> None:
    """Nor does a branch that sees the person without a visit there."""
    kept, duplicate = a_card(salon, home_branch_id=HERE), a_card(salon, home_branch_id=ELSEWHERE)
    salon.deliver(an_appointment(duplicate.id, HERE))
    merge(salon, kept, duplicate)
    others, second = a_card(salon, home_branch_id=HERE), a_card(salon, home_branch_id=ELSEWHERE)
    merge(salon, others, second)
    months = long_unseen(datetime(2040, 1, 1, tzinfo=UTC), 12)
    with salon.session() as session:
        session.execute(update(clients).values(registered_at=datetime(2015, 1, 1, tzinfo=UTC)))
        assert set(session.scalars(select(clients.c.id).where(months))) == {kept.id, others.id}


def test_an_export_holds_what_both_cards_held(salon: Harness) -> None:
    kept, duplicate = a_card(salon), a_card(salon)
    salon.ask(AddNote(duplicate.id, "brings her dog"))
    merge(salon, kept, duplicate)
    salon.others.answers |= {ask: lambda _, held=held: held for ask, held in HELD_ELSEWHERE.items()}
    taken = salon.ask(ExportClient(kept.id))
    assert [note.text for note in taken.notes] == ["brings her dog"]


# --- who may, and when not -------------------------------------------------------------------------------------------


def test_what_is_refused(salon: Harness) -> None:
    kept, duplicate = a_card(salon, home_branch_id=HERE), a_card(salon, home_branch_id=ELSEWHERE)
    refused(Invalid, "duplicate_is_self", lambda: merge(salon, kept, kept))
    refused(Invalid, "client_unknown", lambda: merge(salon, kept, UUID(int=5)))
    refused(NotFound, "client_not_found", lambda: merge(salon, UUID(int=5), kept))
    refused(NotFound, "client_not_found", lambda: merge(salon, kept, duplicate, anna(*MERGING)))
    refused(NotFound, "client_not_found", lambda: merge(salon, kept, duplicate, boris(*MERGING)))
    refused(Forbidden, "permission_missing", lambda: merge(salon, kept, duplicate, ANNA))
    refused(Stale, "version_stale", lambda: merge(salon, kept, duplicate, kept_version=2))
    refused(Stale, "version_stale", lambda: merge(salon, kept, duplicate, duplicate_version=2))
    assert merge(salon, kept, duplicate, kept_version=1, duplicate_version=1).version == 2


def test_overlapping_appointments_stand_against_it(salon: Harness) -> None:
    appointment = UUID(int=9)
    salon.others.answers[CheckMerge] = lambda _: MergeCheck((appointment,))
    kept, duplicate = a_card(salon), a_card(salon)
    refusal = refused(Conflict, "merge_overlaps", lambda: merge(salon, kept, duplicate))
    assert refusal.details["conflicts"] == [str(appointment)]
    assert salon.announced(ClientsMerged) == []


def test_a_card_holds_ten_phones(salon: Harness) -> None:
    first, second = ([f"+7916{block}0000{n}" for n in range(6)] for block in ("10", "20"))
    kept, duplicate = a_card(salon, phones=tuple(first)), a_card(salon, phones=tuple(second))
    refused(Invalid, "phones_too_many", lambda: merge(salon, kept, duplicate))
    assert salon.ask(ShowClient(duplicate.id)).phones == tuple(second)


def test_a_shared_phone_stays_shared_with_others(salon: Harness) -> None:
    """The phone of three: two of them were one person, the third keeps it, too; that of one is nobody else's."""
    kept = a_card(salon, phones=(PHONE,))
    duplicate = a_card(salon, phones=(PHONE, OTHER_PHONE), shared_phone=True)
    sister = a_card(salon, phones=(PHONE,), shared_phone=True, first_name="Olga")
    assert merge(salon, kept, duplicate).phones == (PHONE, OTHER_PHONE)
    assert {one.id for one in salon.ask(SearchClients(PHONE)).items} == {kept.id, sister.id}
    refused(Conflict, "client_exists", lambda: a_card(salon, phones=(OTHER_PHONE,)))


def test_who_may_not_see_health_merges_all_the_same(salon: Harness) -> None:
    kept, duplicate = (
        a_card(salon, home_branch_id=HERE),
        a_card(salon, home_branch_id=HERE, contraindications=("henna",)),
    )
    blind = anna(*MERGING, marks=frozenset({"contacts"}))
    assert "henna" not in repr(merge(salon, kept, duplicate, blind))
    assert salon.ask(ShowClient(kept.id)).contraindications == ("henna",)


def test_two_merges_at_once_neither_deadlock_nor_lose(salon: Harness) -> None:
    """Into each other: one of them wins, and the other finds its card merged; with people whom both had brought."""
    for _ in range(8):
        one, two = a_card(salon), a_card(salon)
        children = [a_card(salon, referrer_id=each.id) for each in (one, two) for _ in range(3)]
        ready, outcomes = threading.Barrier(2), []

        def work(kept: Client, duplicate: Client, ready: Any = ready, outcomes: list[Any] = outcomes) -> None:
            ready.wait()
            outcomes.append(salon.answer(MergeClients(kept.id, duplicate.id)))

        threads = [threading.Thread(target=work, args=pair) for pair in ((one, two), (two, one))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answer.error.code if answer.error else "merged one" for answer in outcomes) == [
            "merged",
            "merged one",
        ]
        (kept,) = {salon.ask(ShowClient(child.id)).referrer_id for child in children}
        assert kept in (one.id, two.id)
