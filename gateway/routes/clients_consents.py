"""What clients agreed to, what became of their cards, and how long they are kept."""

from contracts.clients import (
    AddConsentDocument,
    ChangeRetention,
    GiveConsent,
    ListClientChanges,
    ListConsentDocuments,
    ListConsents,
    PreviewRetention,
    ShowClient,
    ShowConsent,
    ShowConsentDocument,
    ShowRetention,
    WithdrawConsent,
)
from gateway.route import Area

area = Area("consents", "Consents of clients, the history of their cards, and how long they are kept")
expose = area.expose

DOCUMENTS = "/consent-documents"
CONSENTS = "/clients/<uuid:client_id>/consents"
CONSENT = f"{CONSENTS}/<uuid:id>"

expose("GET", DOCUMENTS, ListConsentDocuments, "List the texts that clients agree to")
expose("POST", DOCUMENTS, AddConsentDocument, "Add a text, or another version of it", status=201)
expose("GET", f"{DOCUMENTS}/<uuid:id>", ShowConsentDocument, "Show one version of a text", resource=ShowConsentDocument)
expose("GET", CONSENTS, ListConsents, "What a client agreed to, with its history", resource=ShowClient)
expose("POST", CONSENTS, GiveConsent, "Record that a client agrees", status=201, resource=ShowClient)
expose("GET", CONSENT, ShowConsent, "Show a consent", resource=ShowConsent)
expose("POST", f"{CONSENT}/withdraw", WithdrawConsent, "Record that a client takes it back", resource=ShowConsent)
expose("GET", "/clients/<uuid:id>/changes", ListClientChanges, "Who changed what of a card", resource=ShowClient)
expose("GET", "/clients/retention", ShowRetention, "Show how long people are kept who do not come")
expose("PATCH", "/clients/retention", ChangeRetention, "Change how long people are kept", resource=ShowRetention)
expose("GET", "/clients/retention/preview", PreviewRetention, "How many would be erased")
