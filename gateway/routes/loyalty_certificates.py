"""Gift certificates: sold, looked up by their codes, blocked, and what is owed for them."""

from contracts.loyalty import (
    BlockCertificate,
    ListCertificateEntries,
    ListCertificates,
    LookUpCertificate,
    SellCertificate,
    ShowCertificate,
    ShowCertificateLiability,
    UnblockCertificate,
)
from gateway.route import Area

area = Area("gift certificates", "Gift certificates and what is owed for them")
expose = area.expose

CERTIFICATES = "/loyalty/certificates"
CERTIFICATE = f"{CERTIFICATES}/<uuid:id>"

expose("GET", CERTIFICATES, ListCertificates, "List gift certificates")
expose("POST", CERTIFICATES, SellCertificate, "Sell a gift certificate; its code is told once", status=201)
expose("POST", f"{CERTIFICATES}/look-up", LookUpCertificate, "Show the gift certificate of a code")
expose("GET", f"{CERTIFICATES}/liability", ShowCertificateLiability, "Show what is owed for gift certificates")
expose("GET", CERTIFICATE, ShowCertificate, "Show a gift certificate", resource=ShowCertificate)
expose(
    "GET",
    f"{CERTIFICATE}/entries",
    ListCertificateEntries,
    "List what became of a gift certificate",
    resource=ShowCertificate,
)
expose("POST", f"{CERTIFICATE}/block", BlockCertificate, "Block a gift certificate", resource=ShowCertificate)
expose("POST", f"{CERTIFICATE}/unblock", UnblockCertificate, "Lift a block", resource=ShowCertificate)
