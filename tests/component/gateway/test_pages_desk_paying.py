"""What the desk asks at the end of a visit: prices, memberships, parts in several kinds, what stays owed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from contracts.auth import Me, ShowMe
from contracts.booking import (
    Appointment,
    CompleteAppointment,
    FinalPrice,
    ListServices,
    OpenAppointment,
    Payment,
    PreviewCompletion,
    Segment,
    ShowAppointment,
    WantedPayment,
)
from contracts.clients import ClientName, ClientNames, ListClients, NameClients
from contracts.loyalty import ListMemberships, LookUpCertificate, Membership, Remaining
from contracts.message import Page
from kernel.errors import Invalid, NotFound
from kernel.money import Money
from tests.builders import OWNER

CENTRE, CLARA, CUT, WASH, MILA, TEN_CUTS = (UUID(int=number) for number in range(1, 7))
TEN = datetime(2026, 12, 1, 10, tzinfo=UTC)
HTMX = {"HX-Request": "true"}
VISIT = f"/desk/appointments/{UUID(int=99)}"


def roubles(amount: int) -> Money:
    return Money(amount * 100, "RUB")


PARTS = tuple(Segment(UUID(int=number), CUT, MILA, TEN, TEN, roubles(1_000)) for number in (11, 12))


def a_visit(paid: int = 0, kind: str = "card") -> Appointment:
    return Appointment(
        id=UUID(int=99),
        branch_id=CENTRE,
        client_id=CLARA,
        status="arrived",
        starts=TEN,
        ends=TEN + timedelta(hours=2),
        segments=PARTS,
        lines=(),
        payments=(Payment(uuid4(), kind, roubles(paid), TEN),) if paid else (),  # type: ignore[arg-type]
        total=roubles(2_000),
        discount=roubles(0),
        due=roubles(2_000),
        paid=roubles(paid),
        refunded=roubles(0),
        channel="desk",
        version=1,
    )


def a_membership(*services: UUID, left: int = 3) -> Membership:
    return Membership(
        TEN_CUTS, uuid4(), "Ten cuts", CLARA, CENTRE, roubles(9_000), "cash", TEN, None, TEN, "active",
        (Remaining("visits", 10, left, 0, services, ()),), (), 0, (),
    )  # fmt: skip


@pytest.fixture
def till(web):
    """A browser of the owner with a visit to complete; `till.pay` sends the form."""
    token = web.as_(OWNER)["Authorization"].removeprefix("Bearer ")
    web.http.set_cookie("lokon_access", token)
    web.http.set_cookie("lokon_session", "refresh")
    web.bus.answers |= {
        ShowMe: Me(OWNER.id, "owner", "Olga Owner", (), (), ()),
        ListClients: Page(()),
        ListServices: Page(()),
        NameClients: ClientNames((ClientName(CLARA, "Clara"),)),
        OpenAppointment: a_visit(),
        ShowAppointment: a_visit(),
        PreviewCompletion: a_visit(2_000),
        CompleteAppointment: a_visit(2_000),
        ListMemberships: Page((a_membership(CUT),)),
    }
    csrf = web.http.get("/clients").text.split('name="csrf" content="')[1].split('"')[0]

    def pay(**fields: object):
        data = {"csrf": csrf, "key": uuid4().hex, "kind": "card"} | fields
        return web.http.post(f"{VISIT}/complete", data=data, headers=HTMX)

    web.pay = pay
    return web


def asked(till) -> CompleteAppointment:
    (one,) = till.bus.asked_of(CompleteAppointment)
    return one


def test_everything_is_paid_in_one_kind_with_one_click(till):
    assert till.pay().status_code == 204
    assert (asked(till).lines, asked(till).payments) == (None, (WantedPayment("card"),))


def test_a_membership_points_a_certificate_and_parts_of_money_come_before_the_rest(till):
    said = {f"membership-{PARTS[0].id}": TEN_CUTS, "part-cash": "300", "part-card": "0", "code": "SPRING"}
    till.pay(points="200", certificate="LK-1", from_certificate="100.5", kind="transfer", **said)
    assert asked(till).payments == (
        WantedPayment("membership", membership_id=TEN_CUTS, segment_id=PARTS[0].id),
        WantedPayment("points", roubles(200)),
        WantedPayment("certificate", Money(10_050, "RUB"), "LK-1"),
        WantedPayment("cash", roubles(300)),
        WantedPayment("transfer"),
    )
    assert asked(till).codes == ("SPRING",)


def test_a_price_that_was_typed_over_is_said_and_the_others_stay(till):
    till.pay(**{f"price-{PARTS[0].id}": "1000", f"price-{PARTS[1].id}": "1200"})
    assert asked(till).lines == (FinalPrice(PARTS[1].id, roubles(1_200)),)


def test_what_is_not_paid_now_stays_owed_and_that_is_told_before(till):
    till.bus.answers[PreviewCompletion] = a_visit(500, "cash")
    told = till.http.get(f"{VISIT}/bill?kind=owed&part-cash=500", headers=HTMX).text
    assert "Left to pay: RUB\xa01,500. The client will owe it." in told
    (preview,) = till.bus.asked_of(PreviewCompletion)
    assert preview.payments == (WantedPayment("cash", roubles(500)),)
    till.pay(**{"kind": "owed", "part-cash": "500"})
    assert asked(till).payments == preview.payments


def test_points_are_not_money_that_is_taken_now(till):
    till.bus.answers[PreviewCompletion] = a_visit(2_000, "points")
    told = till.http.get(f"{VISIT}/bill?kind=card&points=2000", headers=HTMX).text
    assert 'id="taken">RUB\xa00<' in told
    assert "Left to pay" not in told


@pytest.mark.parametrize(
    ("place", "field"),
    [
        ("payments.0.membership_id", f"membership-{PARTS[0].id}"),
        ("payments.1.amount", "points"),
        ("payments.2.code", "certificate"),
        ("payments.2.amount", "from_certificate"),
        ("payments.3.amount", "part-cash"),
        ("lines.0.price", f"price-{PARTS[1].id}"),
        ("codes.0", "code"),
    ],
)
def test_what_is_refused_is_told_at_the_field_that_said_it(till, place, field):
    till.bus.answers[CompleteAppointment] = Invalid("invalid_fields", "no", errors={place: ["wrong"]})
    said = {f"membership-{PARTS[0].id}": TEN_CUTS, f"price-{PARTS[1].id}": "5", "part-cash": "300", "code": "SPRING"}
    answer = till.pay(points="200", certificate="LK-1", **said)
    assert answer.status_code == 422
    assert f'data-fields="{field}"' in answer.text


def test_memberships_are_offered_for_the_services_that_they_pay(till):
    shown = till.http.get(f"{VISIT}/completing", headers=HTMX).text
    assert shown.count(f'<option value="{TEN_CUTS}">') == 2
    assert "visits left: 3" in shown
    for other in (a_membership(WASH), a_membership(CUT, left=0)):
        till.bus.answers[ListMemberships] = Page((other,))
        assert str(TEN_CUTS) not in till.http.get(f"{VISIT}/completing", headers=HTMX).text


def test_a_visit_without_a_card_is_paid_with_money_and_now(till):
    till.bus.answers[OpenAppointment] = replace(a_visit(), client_id=None)
    shown = till.http.get(f"{VISIT}/completing", headers=HTMX).text
    assert "The rest stays owed" not in shown
    assert "Points, gift certificate" not in shown


def test_a_code_of_a_certificate_that_there_is_not_is_told_while_it_is_typed(till):
    till.bus.answers[LookUpCertificate] = NotFound("certificate_not_found", "none")
    assert (
        "no gift certificate with this code" in till.http.get("/desk/certificate?certificate=LK-9", headers=HTMX).text
    )
    assert till.http.get("/desk/certificate?certificate=", headers=HTMX).text.strip() == ""
