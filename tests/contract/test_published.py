"""What is published about the API in `docs/` is what the code says; `python -m deploy.published` writes it anew."""

from deploy.published import ASYNCAPI, OPENAPI, asyncapi, openapi, text


def test_the_openapi_document_is_the_one_that_the_gateway_serves() -> None:
    assert OPENAPI.read_text(encoding="utf-8") == text(openapi())


def test_the_asyncapi_document_says_what_services_announce() -> None:
    document = asyncapi()
    assert ASYNCAPI.read_text(encoding="utf-8") == text(document)
    booked = document["components"]["schemas"]["AppointmentBooked"]["properties"]
    assert {"appointment_id", "version", "client_id", "starts"} <= set(booked)
    assert set(document["channels"]) == {"analytics", "auth", "booking", "clients", "loyalty"}
