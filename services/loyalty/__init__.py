"""Who brought whom, the programme, and the discount that it gives each client.

Owns: the referral graph (a copy of what clients says, with refused edges), programmes, discounts and their versions,
what each completed visit is given, points, and what is set aside to pay for visits.

Answers: ShowDiscount, ExplainDiscount, ListPastDiscounts, QuoteVisit, ExplainVisit, ListDifferences, ShowReferrals,
ShowEdges, ReviewReferral, ListDoubtfulEdges, ShowSorting, ExportFromLoyalty,
ShowProgramme, ListProgrammes, ShowProgrammeVersion, PublishProgramme, EndProgramme,
SimulateProgramme, ShowSimulation, ListSimulations, ListSimulationDifferences,
CreatePromotion, ChangePromotion, EndPromotion, ShowPromotion, ListPromotions, ShowExclusions, ExcludeClient,
TakeClientIn,
SellCertificate, ShowCertificate, ListCertificates, ListCertificateEntries, LookUpCertificate, BlockCertificate,
UnblockCertificate, ShowCertificateLiability, CreateMembershipType, ShowMembershipType, ListMembershipTypes,
ChangeMembershipType, SellMembership, ShowMembership, ListMemberships, ListMembershipEntries, FreezeMembership,
UnfreezeMembership, CreateLoyaltyCardType, ShowLoyaltyCardType, ListLoyaltyCardTypes, ChangeLoyaltyCardType,
IssueLoyaltyCard, ShowLoyaltyCard, ListLoyaltyCards, ListLoyaltyCardEntries, BlockLoyaltyCard, LookUpLoyaltyCard,
ShowPoints, ListPointEntries, AdjustPoints, ListUnsettledPayments, ReserveTenders, ReleaseTenders

States: CertificateSold, MembershipSold, DiscountChanged, ClientSorted, LoyaltyHandled

Listens: ClientRegistered, ClientChanged, ClientErased, ClientsMerged, PersonalDiscountChanged, OccasionOpened,
OccasionClosed, StaffCardChanged, SegmentMembersChanged, SegmentRemoved, AppointmentBooked, AppointmentCancelled,
AppointmentMissed, VisitCompleted, VisitRefunded
"""
