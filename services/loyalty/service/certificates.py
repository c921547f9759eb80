"""Gift certificates on the wire: one line per message."""

from sqlalchemy.orm import Session

from chassis.messaging import every, serves
from contracts.loyalty import (
    BlockCertificate,
    Certificate,
    CertificateEntry,
    CertificateLiability,
    ListCertificateEntries,
    ListCertificates,
    LookUpCertificate,
    SellCertificate,
    ShowCertificate,
    ShowCertificateLiability,
    UnblockCertificate,
)
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.loyalty.queries.certificates import liability, list_certificates, list_entries, show_certificate
from services.loyalty.service.base import Base
from services.loyalty.usecases.asking import Asked, ask_of_sale
from services.loyalty.usecases.certificates import (
    block_certificate,
    expire_certificates,
    look_up_certificate,
    sell_certificate,
    unblock_certificate,
)


class Certificates(Base):
    @serves(SellCertificate, first=ask_of_sale)
    def sell_certificate(self, session: Session, request: SellCertificate, caller: Caller, asked: Asked) -> Certificate:
        return sell_certificate(session, request, caller, self.vault, asked, utc_now())

    @serves(ShowCertificate)
    def show_certificate(self, session: Session, request: ShowCertificate, caller: Caller) -> Certificate:
        return show_certificate(session, request.id, caller, self.vault, utc_now())

    @serves(ListCertificates)
    def list_certificates(self, session: Session, request: ListCertificates, caller: Caller) -> Page[Certificate]:
        return list_certificates(session, request, caller, self.vault, utc_now())

    @serves(ListCertificateEntries)
    def list_certificate_entries(
        self, session: Session, request: ListCertificateEntries, caller: Caller
    ) -> Page[CertificateEntry]:
        return list_entries(session, request, caller)

    @serves(LookUpCertificate)
    def look_up_certificate(self, session: Session, request: LookUpCertificate, caller: Caller) -> Certificate:
        return look_up_certificate(session, request, caller, self.vault, utc_now())

    @serves(BlockCertificate)
    def block_certificate(self, session: Session, request: BlockCertificate, caller: Caller) -> Certificate:
        return block_certificate(session, request, caller, self.vault, utc_now())

    @serves(UnblockCertificate)
    def unblock_certificate(self, session: Session, request: UnblockCertificate, caller: Caller) -> Certificate:
        return unblock_certificate(session, request, caller, self.vault, utc_now())

    @serves(ShowCertificateLiability)
    def show_certificate_liability(
        self, session: Session, request: ShowCertificateLiability, caller: Caller
    ) -> CertificateLiability:
        return liability(session, request.branch_id, caller, utc_now())

    @every(600.0)
    def expire_certificates(self, session: Session) -> bool:
        return expire_certificates(session, utc_now())
