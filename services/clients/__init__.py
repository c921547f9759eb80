"""Client cards: who the clients are, where they came from, and who brought them.

Owns: cards, sources, categories, fields of the salon's own, referrers, and the index by which cards are found. Personal
data are sealed under a key per person and class of data; erasing a person destroys the key.

Answers: AbandonClientImport, AddConsentDocument, AddFile, AddNote, AdjustAccount, ApproveBulkExport, AskBulkExport,
ChangeClient, ChangeClientCategory, ChangeClientField, ChangeContactForm, ChangeEnquiry, ChangeExportRules, ChangeNote,
ChangePerk, ChangeRetention, ChangeSource, ChargeAccount, CheckClient, CheckClients, CheckConditions, CheckContact,
CreateClientCategory, CreateClientField, CreateClientImport, CreateContactForm, CreateSource, DismissDuplicates,
EndDownload, EraseClient, ExportClient, GiveConsent, GivePerk, ImportClients, KeepFilePart, KeepImportPart,
ListAccountEntries, ListBulkExports, ListCardsOfPhone, ListClientCategories, ListClientChanges, ListClientEnquiries,
ListClientFields, ListClientImports, ListClients, ListConsentDocuments, ListConsents, ListContactForms, ListEnquiries,
ListFiles, ListImportRows, ListLikelyDuplicates, ListMerges, ListNotes, ListOccasions, ListOnlineConsents, ListPerks,
ListPersonalDiscounts, ListSources, LockExports, MapClientImport, MergeClients, NameClients, OpenClient,
PreviewRetention, PutPhoto, ReadExportPart, ReadFile, ReadPhoto, RedeemPerk, RefuseBulkExport, RegisterClient,
RemoveClientCategory, RemoveClientField, RemoveFile, RemoveNote, RemovePerk, RemovePersonalDiscount, RemovePhoto,
RemoveSource, RevealClient, ReverseAccountEntry, RevokeContactForm, RunClientImport, SearchClients, SetPersonalDiscount,
ShowAccount, ShowAccountEntry, ShowBulkExport, ShowClient, ShowClientCategory, ShowClientField, ShowClientImport,
ShowClientRevenue, ShowConsent, ShowConsentDocument, ShowContactForm, ShowEnquiry, ShowExportRules, ShowFile,
ShowHabits, ShowNote, ShowPerk, ShowPersonalDiscount, ShowPhoto, ShowPublicForm, ShowReminders, ShowRetention,
ShowSource, ShowTimeline, ShowVisitHistory, SubmitContactForm, TakeBulkExport, TakeContact, TakeDeposit, TraceExport,
WithdrawConsent, WithdrawDeposit

States: ClientChanged, ClientErased, ClientRegistered, ClientsMerged, ConsentGiven, ConsentWithdrawn, EnquiryAnswered,
EnquiryReceived, OccasionClosed, OccasionOpened, PersonalDataHandled, PersonalDiscountChanged, SourceChanged,
SourceRemoved

Listens: AppointmentArrived, AppointmentBooked, AppointmentCancelled, AppointmentChanged, AppointmentConfirmed,
AppointmentMissed, ClientSorted, VisitCompleted, VisitRefunded
"""
