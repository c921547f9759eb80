"""Forms on a salon's own site, and what was written there."""

import flask

from contracts.clients import (
    ChangeContactForm,
    ChangeEnquiry,
    CreateContactForm,
    ListClientEnquiries,
    ListContactForms,
    ListEnquiries,
    RevokeContactForm,
    ShowClient,
    ShowContactForm,
    ShowEnquiry,
    ShowPublicForm,
    SubmitContactForm,
)
from gateway.route import Area

area = Area("forms", "Forms on a salon's own site, and what was written there")
expose = area.expose

FORM, PUBLIC_FORM, ENQUIRY = "/contact-forms/<uuid:id>", "/forms/<uuid:key>", "/enquiries/<uuid:id>"
LONGEST_ORIGIN = 500


def origin() -> str | None:
    """The site whose page a browser sends this from."""
    said = flask.request.headers.get("Origin")
    return None if said is None else said[:LONGEST_ORIGIN]


expose("GET", "/contact-forms", ListContactForms, "List forms for sites")
expose("POST", "/contact-forms", CreateContactForm, "Make a form for a site; its key is told once", status=201)
expose("GET", FORM, ShowContactForm, "Show a form", resource=ShowContactForm)
expose("PATCH", FORM, ChangeContactForm, "Change a form", resource=ShowContactForm)
expose("POST", f"{FORM}/revoke", RevokeContactForm, "Take a form's key back", resource=ShowContactForm)

expose("GET", PUBLIC_FORM, ShowPublicForm, "Whether a form takes anything", resource=ShowPublicForm)
expose(
    "POST",
    PUBLIC_FORM,
    SubmitContactForm,
    "Write to the salon",
    status=202,
    resource=ShowPublicForm,
    fills={"origin": origin},
)

expose("GET", "/enquiries", ListEnquiries, "List what was written in forms")
expose("GET", ENQUIRY, ShowEnquiry, "Show an enquiry", resource=ShowEnquiry)
expose("PATCH", ENQUIRY, ChangeEnquiry, "Say that an enquiry was answered", resource=ShowEnquiry)
expose(
    "GET", "/clients/<uuid:client_id>/enquiries", ListClientEnquiries, "List a client's enquiries", resource=ShowClient
)
