"""The public pages without services: forms that are ours, once, in a frame, and with everything that was typed."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from contracts.auth import ConfirmedPhone, ConfirmPhone, SendCode, SentCode
from contracts.booking import (
    Availability,
    AvailableDay,
    BookOnline,
    CalendarFile,
    CancelOnlineAppointment,
    FindAvailability,
    HeldSegment,
    Hold,
    HoldTime,
    MoveOnlineAppointment,
    OnlineAppointment,
    OnlineBranch,
    OnlineMaster,
    OnlineSalon,
    OnlineSegment,
    OnlineService,
    ReadOnlineCalendar,
    Released,
    ReleaseHold,
    SearchAvailability,
    ShowHold,
    ShowOnlineAppointment,
    ShowOnlineSalon,
    Slot,
)
from contracts.clients import AgreedText, ListOnlineConsents, OnlineConsent, OnlineConsents
from gateway.pages.book.invitation import client_of, code_of
from kernel.errors import Conflict, Gone, Invalid, NotFound
from kernel.money import Money
from kernel.time import utc_now

ZONE = ZoneInfo("Europe/Moscow")
HERE, THERE = UUID(int=1), UUID(int=2)
CUT, COLOUR, MILA, HOLD = UUID(int=3), UUID(int=4), UUID(int=5), UUID(int=6)
DAY = utc_now().astimezone(ZONE).date() + timedelta(days=2)
NOON = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=ZONE)
PRICE = Money(250_000, "RUB")
KEY = "k" * 43
HOST = "https://salon.example"


def a_branch(branch_id: UUID = HERE, name: str = "<b>Centre</b>", *, confirm_phone: bool = False) -> OnlineBranch:
    return OnlineBranch(branch_id, name, ZONE.key, "Main street 1", (), confirm_phone)


def a_salon(**branch: bool) -> OnlineSalon:
    services = (
        OnlineService(CUT, "Haircut", "Hair", 60, PRICE, None, "<script>alert(1)</script>", None),
        OnlineService(COLOUR, "Colour", "Hair", 90, PRICE, Money(900_000, "RUB"), None, None),
    )
    return OnlineSalon((a_branch(**branch),), services, (OnlineMaster(MILA, "Mila", None, (CUT,)),))


def a_visit(status: str = "booked", can_change_until: datetime = NOON) -> OnlineAppointment:
    segment = OnlineSegment("Haircut", "Mila", NOON, NOON + timedelta(hours=1), PRICE, CUT, MILA)
    return OnlineAppointment(status, a_branch(), NOON, NOON + timedelta(hours=1), (segment,), PRICE, can_change_until)


@pytest.fixture
def salon(web):
    free = Availability(ZONE.key, (AvailableDay(DAY, (Slot(NOON, (MILA,)),)),))
    segment = HeldSegment(CUT, MILA, NOON, NOON + timedelta(hours=1), PRICE)
    web.bus.answers |= {
        ShowOnlineSalon: lambda _: a_salon(),
        FindAvailability: lambda _: free,
        SearchAvailability: lambda _: free,
        HoldTime: lambda _: Hold(HOLD, HERE, NOON, NOON + timedelta(hours=1), (segment,), NOON),
        ShowHold: lambda _: Hold(HOLD, HERE, NOON, NOON + timedelta(hours=1), (segment,), NOON),
        BookOnline: lambda _: a_visit(),
        ShowOnlineAppointment: lambda _: a_visit(),
        MoveOnlineAppointment: lambda _: a_visit(),
        CancelOnlineAppointment: lambda _: a_visit("cancelled"),
        ReadOnlineCalendar: lambda _: CalendarFile("BEGIN:VCALENDAR"),
    }
    return web


def fields_of(answer, action: str) -> dict[str, str]:
    """The hidden fields of the form that goes to `action`."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', answer.text, re.DOTALL)
    assert form, answer.text
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form[0])
    return {name: value.replace("&lt;", "<").replace("&amp;", "&") for name, value in hidden}


def details(salon, **more):
    address = f"/book/{HERE}/details?service={CUT}&starts={NOON.isoformat().replace('+', '%2B')}&hold={HOLD}"
    return (
        fields_of(salon.http.get(address), f"/book/{HERE}/details")
        | {
            "first_name": "Clara",
            "phone": "+7 916 123-45-67",
        }
        | more
    )


def send(salon, form, path="details"):
    return salon.http.post(f"/book/{HERE}/{path}", data=form)


# --- choosing -------------------------------------------------------------------------------------------------------


def test_a_salon_of_one_branch_is_not_asked_where_and_what_led_here_goes_along(salon):
    answer = salon.http.get("/book?utm_source=instagram&from=abc&lang=ru&evil=1")
    assert answer.status_code == 303
    to = urlsplit(answer.headers["Location"])
    assert to.path == f"/book/{HERE}"
    assert parse_qs(to.query) == {"utm_source": ["instagram"], "from": ["abc"], "lang": ["ru"]}


def test_of_several_branches_one_is_chosen(salon):
    salon.bus.answers[ShowOnlineSalon] = lambda _: OnlineSalon((a_branch(), a_branch(THERE, "North")))
    answer = salon.http.get("/book")
    assert f'href="/book/{THERE}"' in answer.text
    assert "&lt;b&gt;Centre&lt;/b&gt;" in answer.text


def test_services_are_told_with_their_terms_and_text_stays_text(salon):
    answer = salon.http.get(f"/book/{HERE}", headers={"Accept-Language": "ru"})
    assert "&lt;script&gt;" in answer.text
    assert "<script>alert" not in answer.text
    assert "2\xa0500\xa0₽" in answer.text
    assert "1 ч 30 мин" in answer.text
    assert "от 2\xa0500\xa0₽ до 9\xa0000\xa0₽" in answer.text


def test_pictures_are_small_and_come_when_they_are_seen(salon):
    shown, face = UUID(int=20), UUID(int=21)
    told = a_salon()
    told = replace(told, services=(replace(told.services[0], picture_id=shown), told.services[1]))
    salon.bus.answers[ShowOnlineSalon] = lambda _: replace(told, masters=(replace(told.masters[0], picture_id=face),))
    pictures = re.findall("<img[^>]*>", salon.http.get(f"/book/{HERE}").text)
    assert len(pictures) == 1
    assert f'src="/api/v1/pictures/{shown}?small=true"' in pictures[0]
    assert 'loading="lazy"' in pictures[0]
    assert f'src="/api/v1/pictures/{face}?small=true"' in salon.http.get(f"/book/{HERE}?service={CUT}").text


def test_free_times_are_looked_for_by_the_master_who_was_chosen(salon):
    answer = salon.http.get(f"/book/{HERE}?service={CUT}&master={MILA}")
    (asked,) = salon.bus.asked_of(FindAvailability)
    assert (asked.service_id, asked.master_id) == ((CUT,), MILA)
    assert f'value="{NOON.isoformat()}"' in answer.text


def test_a_master_who_does_not_do_all_of_it_is_not_offered(salon):
    answer = salon.http.get(f"/book/{HERE}?service={CUT}&service={COLOUR}&master={MILA}")
    assert "Nobody does all of these" in answer.text
    assert salon.bus.asked_of(FindAvailability)[0].master_id is None


def test_a_day_on_which_nothing_is_free_gives_way_to_the_next_that_is(salon):
    """Whoever changes the master keeps the day that they looked at, on which that one may not work."""
    later = NOON + timedelta(days=3)
    days = (AvailableDay(DAY, (Slot(NOON, (MILA,)),)), AvailableDay(later.date(), (Slot(later, (MILA,)),)))
    salon.bus.answers[FindAvailability] = lambda _: Availability(ZONE.key, days)
    for asked, shown in ((DAY, NOON), (DAY + timedelta(days=1), later), (DAY + timedelta(days=5), NOON)):
        answer = salon.http.get(f"/book/{HERE}?service={CUT}&master={MILA}&first={DAY}&day={asked}")
        assert re.findall(r'name="starts" value="([^"]*)"', answer.text) == [shown.isoformat()]


@pytest.mark.parametrize("query", ["service=x", "service=" + "&service=".join(str(UUID(int=n)) for n in range(11))])
def test_what_cannot_be_meant_is_told_in_a_sentence(salon, query):
    answer = salon.http.get(f"/book/{HERE}?{query}")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize("day", ["2020-01-01", "9998-12-31", str(DAY)])
def test_days_that_are_past_or_far_ahead_are_not_asked_for(salon, day):
    assert salon.http.get(f"/book/{HERE}?service={CUT}&day={day}").status_code == 200
    (asked,) = salon.bus.asked_of(FindAvailability)
    today = utc_now().astimezone(ZONE).date()
    assert today <= asked.from_ <= asked.to <= today + timedelta(days=420)


def test_the_time_that_is_chosen_is_held(salon):
    form = fields_of(salon.http.get(f"/book/{HERE}?service={CUT}"), f"/book/{HERE}/hold")
    answer = send(salon, form | {"starts": NOON.isoformat()}, "hold")
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["hold"] == [str(HOLD)]
    assert salon.bus.asked_of(HoldTime)[0].starts == NOON


def test_a_time_that_was_taken_meanwhile_is_told_beside_those_that_are_free(salon):
    salon.bus.answers[HoldTime] = Conflict("slot_taken", "somebody else has this time")
    form = fields_of(salon.http.get(f"/book/{HERE}?service={CUT}"), f"/book/{HERE}/hold")
    answer = send(salon, form | {"starts": NOON.isoformat()}, "hold")
    assert answer.status_code == 409
    assert "Somebody else has taken this time meanwhile" in answer.text
    assert f'value="{NOON.isoformat()}"' in answer.text


def test_a_place_in_a_group_is_not_held_and_booked_all_the_same(salon):
    salon.bus.answers[HoldTime] = Invalid.field("segments.0.service_id", "group_service_not_held", "not held")
    form = fields_of(salon.http.get(f"/book/{HERE}?service={CUT}"), f"/book/{HERE}/hold")
    answer = send(salon, form | {"starts": NOON.isoformat()}, "hold")
    assert answer.status_code == 303
    assert "hold=" not in answer.headers["Location"]


# --- booking --------------------------------------------------------------------------------------------------------


def test_who_books_is_led_to_their_visit_by_a_key_that_no_server_sees(salon):
    answer = send(salon, details(salon, comment="a dog", promotion="SPRING"))
    (asked,) = salon.bus.asked_of(BookOnline)
    assert (asked.contact.first_name, asked.hold_id, asked.codes) == ("Clara", HOLD, ("SPRING",))
    assert (asked.comment, asked.channel, asked.confirmation) == ("a dog", "online", None)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/visit?done=1#{asked.key}"
    assert len(asked.key) == 43


def test_a_script_is_told_the_next_page_so_that_no_refused_form_stands_in_the_history(salon):
    answer = salon.http.post(f"/book/{HERE}/details", data=details(salon), headers={"X-By-Script": "1"})
    (asked,) = salon.bus.asked_of(BookOnline)
    assert (answer.status_code, answer.headers["X-Onwards"]) == (204, f"/visit?done=1#{asked.key}")


def test_nothing_typed_is_lost_when_the_time_was_taken_and_others_are_offered(salon):
    later = NOON + timedelta(hours=2)
    salon.bus.answers |= {
        BookOnline: Conflict("slot_taken", "taken", alternatives=[{"starts": later.isoformat(), "master_ids": []}]),
        ShowOnlineAppointment: NotFound("appointment_not_found", "there is none"),
    }
    form = details(salon, first_name="<i>Clara</i>", comment="</textarea><script>", promotion='"SPRING"')
    answer = send(salon, form)
    assert answer.status_code == 409
    assert "This time is kept for you" not in answer.text
    for text in ("&lt;i&gt;Clara&lt;/i&gt;", "&lt;/textarea&gt;&lt;script&gt;", "&#34;SPRING&#34;", "+7 916 123-45-67"):
        assert text in answer.text
    again = fields_of(answer, f"/book/{HERE}/details")
    assert again["visit_key"] == form["visit_key"]
    salon.bus.answers[BookOnline] = lambda _: a_visit()
    assert send(salon, form | again | {"instead": later.isoformat()}).status_code == 303
    asked = salon.bus.asked_of(BookOnline)[-1]
    assert (asked.starts, asked.hold_id) == (later, None)


def test_a_form_that_was_sent_before_leads_to_the_visit_that_is_booked(salon):
    salon.bus.answers[BookOnline] = Conflict("hold_booked", "this hold was booked already")
    form = details(salon)
    assert send(salon, form).headers["Location"].endswith(f"#{form['visit_key']}")


@pytest.mark.parametrize(("typed", "field"), [({"phone": "1"}, "phone"), ({"first_name": ""}, "first_name")])
def test_a_field_that_is_wrong_is_marked_in_the_visitors_language(salon, typed, field):
    form = details(salon, **typed)
    answer = salon.http.post(f"/book/{HERE}/details", data=form, headers={"Accept-Language": "ru"})
    assert answer.status_code == 422
    marked = re.search(rf'id="field-{field}"[^>]*aria-invalid="true"', answer.text)
    assert marked
    assert "Length must" not in answer.text
    assert salon.bus.asked_of(BookOnline) == []


def agreeing(salon):
    """The salon needs one consent, and would like another; its titles are no markup."""
    texts = (
        OnlineConsent("processing", 3, "ru", "<b>Data</b>", "</p><script>", required=True),
        OnlineConsent("photos", 1, "ru", "Photos", "Of hair.", required=False),
    )
    salon.bus.answers[ListOnlineConsents] = OnlineConsents(texts)


def test_what_the_salon_asks_is_agreed_to_with_the_version_that_was_read(salon):
    agreeing(salon)
    shown = salon.http.get(f"/book/{HERE}/details", query_string={"service": CUT, "starts": NOON.isoformat()}).text
    assert "&lt;b&gt;Data&lt;/b&gt;" in shown
    assert "<script>" not in shown.replace("<script src", "").replace("<script type", "")
    boxes = dict(re.findall(r'name="agree" value="([^"]*)"([^>]*)>', shown))
    assert {value: "required" in rest for value, rest in boxes.items()} == {"processing:3": True, "photos:1": False}
    send(salon, details(salon) | {"agree": ["processing:3", "nonsense", "x:-1"]})
    assert salon.bus.asked_of(BookOnline)[0].consents == (AgreedText("processing", 3),)


@pytest.mark.parametrize(
    ("code", "text"), [("consent_missing", "Tick first"), ("consent_outdated", "has changed meanwhile")]
)
def test_a_consent_that_is_missing_is_told_and_what_was_ticked_stays(salon, code, text):
    agreeing(salon)
    salon.bus.answers[BookOnline] = Invalid.field("consents", code, "no")
    answer = send(salon, details(salon) | {"agree": ["photos:1", "processing:2"]})
    assert answer.status_code == 422
    assert text in answer.text
    assert re.search(r'value="photos:1" checked', answer.text)
    assert re.search(r'value="processing:3" required aria-invalid="true"', answer.text)


def test_without_an_answer_about_consents_the_form_is_there_all_the_same(salon):
    assert 'name="agree"' not in salon.http.get(f"/book/{HERE}/details?service={CUT}&starts={NOON:%Y-%m-%dT%H:%M}").text


def test_who_brought_them_and_what_led_them_here_go_with_the_booking(salon):
    clara = UUID("0190a000-0000-7000-8000-00000000000c")
    send(salon, details(salon) | {"from": code_of(clara), "utm_source": "instagram"})
    (asked,) = salon.bus.asked_of(BookOnline)
    assert (asked.invited_by, asked.channel) == (clara, "instagram")


@pytest.mark.parametrize("code", [None, "", "x", "ä" * 22, "A" * 23, "A" * 400])
def test_what_is_no_invitation_brings_nobody(code):
    assert client_of(code) is None


def test_a_hold_that_has_run_out_is_told_and_the_form_stays(salon):
    salon.bus.answers[ShowHold] = Gone("hold_expired", "the hold has run out")
    answer = salon.http.get(
        f"/book/{HERE}/details", query_string={"service": CUT, "starts": NOON.isoformat(), "hold": HOLD}
    )
    assert "not kept for you any more" in answer.text


def test_who_comes_back_to_a_form_that_is_booked_is_told_so_and_shown_none(salon):
    salon.bus.answers[ShowHold] = Gone("hold_booked", "the hold was booked")
    query = {"service": CUT, "starts": NOON.isoformat(), "hold": HOLD}
    answer = salon.http.get(f"/book/{HERE}/details", query_string=query)
    assert answer.status_code == 200
    assert "You are booked already" in answer.text
    assert "field-phone" not in answer.text


def test_several_masters_are_named(salon):
    """Who renders what is known as soon as the time is held."""
    olga = UUID(int=10)
    masters = (OnlineMaster(MILA, "Mila", None, (CUT,)), OnlineMaster(olga, "Olga", None, (COLOUR,)))
    salon.bus.answers[ShowOnlineSalon] = lambda _: replace(a_salon(), masters=masters)
    ends = NOON + timedelta(hours=1)
    segments = (HeldSegment(CUT, MILA, NOON, ends, PRICE), HeldSegment(COLOUR, olga, ends, ends, PRICE))
    salon.bus.answers[ShowHold] = lambda _: Hold(HOLD, HERE, NOON, ends, segments, ends)
    query = {"service": [CUT, COLOUR], "starts": NOON.isoformat(), "hold": HOLD}
    answer = salon.http.get(f"/book/{HERE}/details", query_string=query, headers={"Accept-Language": "en"})
    assert "Mila, Olga" in answer.text
    assert "RUB\xa05,000" in answer.text


def test_a_form_that_is_too_long_is_told_in_a_sentence(salon):
    answer = send(salon, details(salon, comment="x" * 2_000_000))
    assert answer.status_code == 413
    assert "Send less" in answer.text


def test_for_another_time_the_one_that_was_held_is_let_go(salon):
    salon.bus.answers[ReleaseHold] = lambda asked: Released(asked.id)
    answer = send(salon, details(salon, phone=""), "again")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/book/{HERE}?service={CUT}&day={DAY}"
    assert salon.bus.asked_of(ReleaseHold) == [ReleaseHold(HOLD)]


# --- the phone ------------------------------------------------------------------------------------------------------


@pytest.fixture
def strict(salon):
    """A branch that wants phones confirmed."""
    salon.bus.answers |= {
        ShowOnlineSalon: lambda _: a_salon(confirm_phone=True),
        SendCode: lambda _: SentCode(UUID(int=9), utc_now() + timedelta(minutes=10), utc_now()),
        ConfirmPhone: lambda _: ConfirmedPhone("c" * 43, utc_now() + timedelta(minutes=30)),
    }
    return salon


def test_a_phone_is_confirmed_by_a_code_before_anything_is_booked(strict):
    form = details(strict)
    answer = send(strict, form)
    assert (answer.status_code, strict.bus.asked_of(BookOnline)) == (200, [])
    (sent,) = strict.bus.asked_of(SendCode)
    assert (sent.phone, sent.for_what) == (form["phone"], "booking")
    form |= fields_of(answer, f"/book/{HERE}/details")
    assert send(strict, form | {"code": "12 34 56"}).status_code == 303
    assert strict.bus.asked_of(ConfirmPhone)[0].code == "123456"
    assert strict.bus.asked_of(BookOnline)[0].confirmation == "c" * 43
    assert len(strict.bus.asked_of(SendCode)) == 1


def test_a_wrong_code_is_told_and_a_right_one_then_counts(strict):
    form = details(strict)
    form |= fields_of(send(strict, form), f"/book/{HERE}/details")
    strict.bus.answers[ConfirmPhone] = Invalid.field("code", "code_wrong", "this is not the code")
    answer = send(strict, form | {"code": "000000"})
    assert answer.status_code == 422
    assert "This is not the code." in answer.text
    assert strict.bus.asked_of(BookOnline) == []


@pytest.mark.parametrize(("left", "text"), [(3, "3 tries are left."), (0, "Ask for another code.")])
def test_who_types_a_wrong_code_is_told_how_often_they_may_try(strict, left, text):
    form = details(strict)
    form |= fields_of(send(strict, form), f"/book/{HERE}/details")
    strict.bus.answers[ConfirmPhone] = Invalid("code_wrong", "no", errors={"code": ["no"]}, tries_left=left)
    assert text in send(strict, form | {"code": "000000"}).text


def test_a_page_that_was_loaded_anew_still_asks_for_the_code_and_does_nothing_else(strict):
    """A phone loads it anew after its owner has looked at the message; the script sends what its tab remembers."""
    form = details(strict)
    form |= fields_of(send(strict, form), f"/book/{HERE}/details")
    answer = send(strict, form | {"returned": "1"})
    assert answer.status_code == 200
    assert 'id="field-code"' in answer.text
    assert fields_of(answer, f"/book/{HERE}/details")["visit_key"] == form["visit_key"]
    assert len(strict.bus.asked_of(SendCode)) == 1
    assert strict.bus.asked_of(ConfirmPhone) == strict.bus.asked_of(BookOnline) == []


def test_a_confirmation_that_is_too_old_makes_way_for_another_code(strict):
    strict.bus.answers |= {
        BookOnline: Invalid("confirmation_refused", "too old"),
        ShowOnlineAppointment: NotFound("appointment_not_found", "there is none"),
    }
    form = details(strict)
    form |= fields_of(send(strict, form), f"/book/{HERE}/details")
    answer = send(strict, form | {"code": "123456"})
    assert "Ask for another code" in answer.text
    assert "Get a code" in answer.text
    assert "confirmation" not in fields_of(answer, f"/book/{HERE}/details")


def test_another_phone_gets_a_code_of_its_own(strict):
    form = details(strict)
    form |= fields_of(send(strict, form), f"/book/{HERE}/details")
    assert send(strict, form | {"code": "123456", "phone": "+7 916 000-00-00"}).status_code == 200
    assert [sent.phone for sent in strict.bus.asked_of(SendCode)] == [form["phone"], "+7 916 000-00-00"]


def test_a_confirmed_phone_is_not_asked_again_when_the_time_was_taken(strict):
    strict.bus.answers |= {
        BookOnline: Conflict("slot_taken", "taken"),
        ShowOnlineAppointment: NotFound("appointment_not_found", "there is none"),
    }
    form = details(strict)
    form |= fields_of(send(strict, form), f"/book/{HERE}/details")
    answer = send(strict, form | {"code": "123456"})
    again = fields_of(answer, f"/book/{HERE}/details")
    strict.bus.answers[BookOnline] = lambda _: a_visit()
    assert send(strict, form | again).status_code == 303
    assert len(strict.bus.asked_of(ConfirmPhone)) == 1


def test_enter_in_the_code_confirms_and_sends_no_other_code(strict):
    """Enter presses the first button of a form in the order of the page."""
    form = details(strict)
    text = send(strict, form).text
    first = re.search(r'<button[^>]*form="details"[^>]*>', text)
    assert first
    assert "name=" not in first[0]
    assert first.start() < text.index('name="another"')


# --- the visit ------------------------------------------------------------------------------------------------------


def visit_form(salon):
    return fields_of(salon.http.get("/visit"), "/visit/show") | {"visit_key": KEY}


def test_the_page_of_a_visit_is_the_same_for_every_key(salon):
    assert salon.http.get("/visit").status_code == 200
    assert salon.bus.asked_of(ShowOnlineAppointment) == []


def test_a_key_shows_the_visit_and_what_can_be_done(salon):
    answer = salon.http.post("/visit/show", data=visit_form(salon))
    assert salon.bus.asked_of(ShowOnlineAppointment)[0].key == KEY
    for action in ("/visit/times", "/visit/cancel", "/visit/calendar"):
        assert fields_of(answer, action)["visit_key"] == KEY


def test_after_the_cut_off_the_salon_is_called(salon):
    salon.bus.answers[ShowOnlineAppointment] = lambda _: a_visit(can_change_until=utc_now() - timedelta(minutes=1))
    answer = salon.http.post("/visit/show", data=visit_form(salon))
    assert "Please call the salon" in answer.text
    assert "by it you move or cancel" not in answer.text
    assert "/visit/cancel" not in answer.text


def test_a_visit_is_moved_by_its_key(salon):
    assert f'value="{NOON.isoformat()}"' in salon.http.post("/visit/times", data=visit_form(salon)).text
    answer = salon.http.post("/visit/move", data=visit_form(salon) | {"starts": NOON.isoformat()})
    assert "Moved" in answer.text
    assert salon.bus.asked_of(MoveOnlineAppointment) == [MoveOnlineAppointment(KEY, NOON)]
    assert salon.bus.asked_of(SearchAvailability)[0].segments[0].master_id == MILA


def test_a_time_that_was_taken_while_moving_leaves_the_visit_and_shows_others(salon):
    salon.bus.answers[MoveOnlineAppointment] = Conflict("slot_taken", "somebody else has this time")
    answer = salon.http.post("/visit/move", data=visit_form(salon) | {"starts": NOON.isoformat()})
    assert answer.status_code == 409
    assert "/visit/move" in answer.text


def test_a_visit_is_cancelled_with_a_reason(salon):
    answer = salon.http.post("/visit/cancel", data=visit_form(salon) | {"reason": "a cold"})
    assert "cancelled" in answer.text
    assert salon.bus.asked_of(CancelOnlineAppointment) == [CancelOnlineAppointment(KEY, "a cold")]


def test_a_visit_goes_into_a_calendar(salon):
    answer = salon.http.post("/visit/calendar", data=visit_form(salon))
    assert (answer.mimetype, answer.text) == ("text/calendar", "BEGIN:VCALENDAR")
    assert "attachment" in answer.headers["Content-Disposition"]


def test_an_unknown_key_is_told_in_a_sentence(salon):
    salon.bus.answers[ShowOnlineAppointment] = NotFound("appointment_not_found", "there is no such appointment")
    answer = salon.http.post("/visit/show", data=visit_form(salon))
    assert answer.status_code == 404
    assert "There is no such visit" in answer.text


# --- forms of others, frames, slow lines -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", [f"/book/{HERE}/hold", f"/book/{HERE}/details", "/visit/show", "/visit/move", "/visit/cancel"]
)
@pytest.mark.parametrize("given", [{}, {"csrf": "0" * 64}])
def test_a_form_that_no_page_of_ours_has_made_does_nothing(salon, path, given):
    form = visit_form(salon) | {"service": str(CUT), "starts": NOON.isoformat(), "phone": "1", "first_name": "x"}
    del form["csrf"]
    salon.bus.asked.clear()
    assert salon.http.post(path, data=form | given).status_code == 403
    assert not {type(asked).__name__ for asked in salon.bus.asked} - {"ShowBrand"}


def test_a_form_that_another_site_sends_does_nothing(salon):
    answer = salon.http.post("/visit/cancel", data=visit_form(salon), headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert salon.bus.asked_of(CancelOnlineAppointment) == []


def test_who_is_signed_in_books_as_a_stranger(salon):
    token = salon.as_()["Authorization"].removeprefix("Bearer ")
    salon.http.set_cookie("lokon_access", token)
    send(salon, details(salon))
    (envelope,) = [each for each in salon.bus.envelopes if each.name == "BookOnline"]
    assert envelope.token is None


@pytest.mark.parametrize("path", ["/book", f"/book/{HERE}", f"/book/{HERE}?service={CUT}", "/visit"])
def test_only_public_pages_stand_in_a_frame_and_only_of_those_who_are_named(a_web, path):
    web = a_web(widget_hosts=(HOST, "https://other.example"))
    web.bus.answers |= {ShowOnlineSalon: lambda _: a_salon(), FindAvailability: lambda _: Availability(ZONE.key, ())}
    policy = web.http.get(path).headers.get("Content-Security-Policy")
    assert policy.endswith(f"frame-ancestors {HOST} https://other.example")
    assert "script-src 'self'; style-src 'self'" in policy
    assert "frame-ancestors 'none'" in web.http.get("/sign-in").headers["Content-Security-Policy"]


def test_without_hosts_nobody_shows_it_in_a_frame(salon):
    assert "frame-ancestors 'none'" in salon.http.get(f"/book/{HERE}").headers["Content-Security-Policy"]


def test_the_page_speaks_to_a_host_that_is_named_and_to_no_other(a_web):
    web = a_web(widget_hosts=(HOST,))
    web.bus.answers[ShowOnlineSalon] = lambda _: a_salon()
    assert f'data-host="{HOST}"' in web.http.get(f"/book/{HERE}?host={HOST}").text
    assert "data-host" not in web.http.get(f"/book/{HERE}?host=https://evil.example").text


def test_pages_are_small_and_hold_nothing_that_the_policy_forbids(salon):
    plain = salon.http.get(f"/book/{HERE}?service={CUT}")
    small = salon.http.get(f"/book/{HERE}?service={CUT}", headers={"Accept-Encoding": "gzip"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert len(small.data) < len(plain.data)
    assert " style=" not in plain.text
    assert not re.search(r"\son\w+=", plain.text)
    assert not re.search(r'(src|href)="(https?:)?//', plain.text)


def test_the_widget_has_an_address_that_stays(salon):
    with salon.http.get("/widget.js") as answer:
        assert answer.mimetype == "text/javascript"
        assert "max-age" in answer.headers["Cache-Control"]


def test_an_address_may_name_the_language(salon):
    russian = salon.http.get(f"/book/{HERE}?service={CUT}&lang=ru").text
    assert '<html lang="ru"' in russian
    assert "Любой мастер" in russian


# --- what a stranger makes up ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "starts", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-12-01T10:00+99:00", "x", ""]
)
def test_a_time_that_is_none_is_refused_and_breaks_nothing(salon, starts):
    query = {"service": CUT, "starts": starts}
    assert salon.http.get(f"/book/{HERE}/details", query_string=query).status_code == 422
    assert send(salon, details(salon, starts=starts), "again").status_code == 422
    moved = fields_of(salon.http.get("/visit"), "/visit/show") | {"visit_key": KEY, "starts": starts}
    assert salon.http.post("/visit/move", data=moved).status_code == 422
    assert salon.bus.asked_of(BookOnline) == salon.bus.asked_of(MoveOnlineAppointment) == []


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30"])
def test_a_day_that_has_none_beside_it_is_refused(salon, day):
    for name in ("day", "first"):
        assert salon.http.get(f"/book/{HERE}", query_string={"service": CUT, name: day}).status_code == 422


@pytest.mark.parametrize("key", ["x", "k" * 19, "k" * 201, "\0" * 43, "ключ" * 11])
def test_a_link_that_was_cut_off_opens_no_visit(salon, key):
    form = fields_of(salon.http.get("/visit"), "/visit/show") | {"visit_key": key}
    for path in ("show", "times", "move", "cancel", "calendar"):
        answer = salon.http.post(f"/visit/{path}", data=form)
        assert (answer.status_code, "There is no such visit" in answer.text) == (404, True), path
    assert salon.bus.asked_of(ShowOnlineAppointment) == salon.bus.asked_of(CancelOnlineAppointment) == []


@pytest.mark.parametrize("more", [{"code_id": "x"}, {"code": "١٢٣٤٥٦"}, {"code": "12345"}])
def test_a_code_that_is_none_is_told_and_not_asked_about(strict, more):
    form = details(strict)
    form |= fields_of(send(strict, form), f"/book/{HERE}/details")
    assert send(strict, form | {"code": "123456"} | more).status_code == 422
    assert strict.bus.asked_of(ConfirmPhone) == strict.bus.asked_of(BookOnline) == []


# --- what is not installed ------------------------------------------------------------------------------------------


def test_where_nothing_is_booked_the_pages_say_so(a_web):
    web = a_web(services=("auth", "clients"))
    for path in ("/book", f"/book/{HERE}", f"/book/{HERE}/details"):
        answer = web.http.get(path)
        assert answer.status_code == 404
        assert "not installed here" in answer.text
    assert web.http.get("/visit").status_code == 200
