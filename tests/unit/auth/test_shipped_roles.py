"""What each role that ships may do: to what it asks for, everything, its branches' or its own."""

from dataclasses import replace

import pytest

from contracts import booking
from contracts.message import INTERNAL, PUBLIC, SIGNED_IN, all_requests
from contracts.permissions import WORDS
from kernel.caller import Reach
from services.auth import domain
from tests.builders import anna

SHIPPED = domain.shipped_roles(WORDS)
STAFF = {"owner", "manager", "administrator"}
READERS = STAFF | {"auditor"}


def reaches(word: str) -> dict[str, str]:
    """How far each role that has `word` goes with it, for somebody bound to a branch."""
    people = {
        name: replace(anna(*rights.permissions), marks=rights.marks, everywhere=rights.everywhere)
        for name, rights in SHIPPED.items()
    }
    return {name: str(reach) for name, one in people.items() if (reach := one.reach(word))}


def everything(names: set[str], own: set[str] | None = None) -> dict[str, str]:
    """The owner's is the whole chain, that of `names` their branches, that of `own` their own."""
    found = {name: Reach.CHAIN if name == "owner" else Reach.BRANCHES for name in names}
    return {name: str(reach) for name, reach in (found | dict.fromkeys(own or set(), Reach.OWN)).items()}


@pytest.mark.parametrize(
    ("word", "names", "own"),
    [
        ("appointments.create", STAFF, {"client"}),
        ("appointments.cancel", STAFF, {"client"}),
        ("appointments.edit", STAFF, set()),
        ("appointments.read", READERS | {"accountant"}, {"master", "client"}),
        ("appointments.move", {"owner", "manager"}, {"client"}),
        ("appointments.overlap", {"owner", "manager"}, set()),
        ("appointments.transfer", STAFF, set()),
        ("appointments.override_health", {"owner", "manager"}, set()),
        ("absences.create", STAFF, set()),
        ("absences.delete", STAFF, set()),
        ("absences.read", READERS, {"master"}),
        ("blocks.create", STAFF, set()),
        ("blocks.read", READERS, {"master"}),
        ("categories.edit", {"owner", "manager"}, set()),
        ("certificates.block", {"owner", "manager"}, set()),
        ("certificates.read", READERS, {"client"}),
        ("certificates.sell", STAFF, set()),
        ("certificates_liability.read", {"owner", "manager", "auditor", "accountant"}, set()),
        ("loyalty_card_types.edit", {"owner", "manager"}, set()),
        ("loyalty_cards.block", STAFF, set()),
        ("loyalty_cards.issue", STAFF, set()),
        ("loyalty_cards.read", READERS, {"client"}),
        ("membership_types.edit", {"owner", "manager"}, set()),
        ("memberships.freeze", STAFF, set()),
        ("memberships.read", READERS, {"client"}),
        ("memberships.sell", STAFF, set()),
        ("categories.read", READERS | {"master", "marketer", "accountant", "client"}, set()),
        ("client_changes.read", READERS, set()),
        ("client_files.create", STAFF | {"master"}, set()),
        ("client_files.delete", {"owner", "manager"}, set()),
        ("client_files.read", READERS | {"master"}, set()),
        ("client_notes.create", STAFF | {"master"}, set()),
        ("client_notes.edit", {"owner", "manager"}, {"administrator", "master"}),
        ("client_notes.read", READERS | {"master"}, set()),
        ("client_perks.redeem", STAFF | {"master"}, set()),
        ("client_categories.edit", {"owner", "manager"}, set()),
        ("client_categories.read", READERS | {"master", "marketer"}, set()),
        ("client_fields.edit", {"owner", "manager"}, set()),
        ("client_fields.read", READERS | {"master"}, set()),
        ("consent_documents.create", {"owner", "manager"}, set()),
        ("consent_documents.read", READERS | {"client"}, set()),
        ("consents.create", STAFF, {"client"}),
        ("consents.read", READERS, {"client"}),
        ("consents.withdraw", STAFF, {"client"}),
        ("codes.read", {"owner"}, set()),
        ("contact_forms.create", {"owner", "manager"}, set()),
        ("contact_forms.read", {"owner", "manager", "auditor"}, set()),
        ("enquiries.edit", STAFF, set()),
        ("enquiries.read", READERS, set()),
        ("feeds.create", STAFF, {"master"}),
        ("feeds.edit", STAFF, {"master"}),
        ("feeds.read", READERS, {"master"}),
        ("group_events.create", STAFF, set()),
        ("group_events.read", READERS, {"master"}),
        ("holidays.create", {"owner", "manager"}, set()),
        ("holidays.read", READERS | {"master"}, set()),
        ("pictures.create", {"owner", "manager"}, set()),
        ("points.adjust", {"owner", "manager"}, set()),
        ("loyalty.exclude", {"owner", "manager"}, set()),
        ("loyalty.read", READERS, {"client"}),
        ("loyalty_audit.read", {"owner", "manager", "auditor"}, set()),
        ("loyalty_differences.read", {"owner", "manager", "auditor", "accountant"}, set()),
        ("loyalty_exclusions.read", {"owner", "manager", "auditor"}, set()),
        ("programme.edit", {"owner"}, set()),
        ("programme.simulate", {"owner", "manager"}, set()),
        ("programme_versions.read", READERS | {"marketer"}, set()),
        ("promotions.edit", {"owner", "manager", "marketer"}, set()),
        ("promotions.read", READERS | {"marketer"}, set()),
        ("questionnaires.edit", {"owner", "manager"}, set()),
        ("questionnaires.read", {"owner", "manager", "auditor"}, set()),
        ("clients.delete", {"owner", "manager"}, {"client"}),
        ("clients.export", {"owner", "manager"}, {"client"}),
        ("clients.export_list", {"owner", "manager"}, set()),
        ("clients.approve_export", {"owner", "manager"}, set()),
        ("client_exports.read", {"owner", "manager", "auditor"}, set()),
        ("export_rules.edit", {"owner"}, set()),
        ("export_rules.read", {"owner", "manager", "auditor"}, set()),
        ("clients.merge", {"owner", "manager"}, set()),
        ("clients.reveal", STAFF, set()),
        ("clients.discount", {"owner", "manager"}, set()),
        ("clients_account.adjust", {"owner", "manager"}, set()),
        ("clients_account.charge", STAFF, set()),
        ("clients_account.deposit", STAFF, set()),
        ("clients_account.overdraw", {"owner", "manager"}, set()),
        ("clients_account.read", READERS | {"accountant"}, {"client"}),
        ("clients_account.reverse", {"owner", "manager"}, set()),
        ("clients_account.withdraw", {"owner", "manager"}, set()),
        ("referrals.read", {"owner", "manager", "auditor"}, set()),
        ("referrals.review", {"owner", "manager"}, set()),
        ("reports.edit", {"owner", "manager", "marketer", "accountant"}, set()),
        ("segments.edit", {"owner", "manager", "marketer"}, set()),
        ("dashboards.edit", {"owner", "manager", "marketer", "accountant"}, set()),
        ("retention.edit", {"owner"}, set()),
        ("retention.read", {"owner", "manager", "auditor"}, set()),
        ("services.edit", {"owner", "manager"}, set()),
        ("shifts.edit", {"owner", "manager"}, set()),
        ("shifts.read", READERS, {"master"}),
        ("sources.edit", {"owner", "manager", "marketer"}, set()),
        ("sources.read", READERS | {"master", "marketer"}, set()),
        ("visits.read", READERS | {"master"}, {"client"}),
        ("journal.read", {"owner", "auditor"}, set()),
        ("waiting_list.create", STAFF, {"client"}),
        ("waiting_list.edit", STAFF, {"client"}),
        ("waiting_list.read", READERS, {"client"}),
    ],
)
def test_who_may_what_in_the_schedule(word: str, names: set[str], own: set[str]) -> None:
    assert reaches(word) == everything(names, own)


def test_a_master_sees_what_was_done_but_neither_what_it_cost_nor_whose_phone_it_is() -> None:
    """Visits of the last three months, of their branches, with every amount and contact masked."""
    master = SHIPPED["master"]
    assert "visits.read" in master.permissions
    assert master.marks == set()
    assert master.history_days == 90


def test_whoever_changes_something_may_read_it() -> None:
    """A change names the version that one saw."""
    changes = {word for word in WORDS if word.rpartition(".")[2] in ("create", "edit", "delete", "cancel", "complete")}
    missing = {
        (name, word)
        for word in changes
        if f"{word.rpartition('.')[0]}.read" in WORDS
        for name in reaches(word)
        if name not in reaches(f"{word.rpartition('.')[0]}.read")
    }
    assert missing == set()


def test_every_request_of_booking_is_somebodys_beside_the_owner() -> None:
    """A message that only the owner may send is a decision, and stands here."""
    asked = {kind.permission for kind in all_requests(booking.__name__.rpartition(".")[2]).values()}
    lonely = {word for word in asked - {PUBLIC, SIGNED_IN, INTERNAL} if set(reaches(word)) == {"owner"}}
    assert lonely == {"branches.create", "settings.edit"}


def test_only_the_owner_sees_contacts_without_a_bound() -> None:
    """And whoever sees no contacts lifts no bound of another role of theirs."""
    bounds = {name: (rights.reveals_per_shift, rights.history_days) for name, rights in SHIPPED.items()}
    assert bounds == {
        "owner": (None, None),
        "manager": (300, None),
        "administrator": (60, 730),
        "master": (0, 90),
        "marketer": (0, 0),
        "accountant": (0, None),
        "auditor": (0, None),
        "client": (0, 0),
    }
