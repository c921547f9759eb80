"""Client cards: who the clients are, where they came from, and who brought them.

Owns: cards, sources, categories, fields of the salon's own, referrers, and the index by which cards are found. Personal
data are sealed under a key per person and class of data; erasing a person destroys the key.

Answers: AdjustAccount, ChargeAccount, ListAccountEntries, ReverseAccountEntry, ShowAccount, ShowAccountEntry,
TakeDeposit, WithdrawDeposit,
AddConsentDocument, AddFile, AddNote, ChangeClient, ChangeClientCategory, ChangeClientField, ChangeNote,
ChangePerk, ChangeRetention, ChangeSource, CheckClient, CheckClients, CheckConditions, CheckContact,
CreateClientCategory, CreateClientField, CreateSource, EraseClient, ExportClient, GiveConsent, GivePerk, ImportClients,
KeepFilePart, ListClientCategories, ListClientChanges, ListClientFields, ListClients, ListConsentDocuments,
ListConsents, ListFiles, ListNotes, ListOccasions, ListPerks, ListSources, NameClients, PreviewRetention, PutPhoto,
ReadFile, ReadPhoto, RedeemPerk, RegisterClient, RemoveClientCategory, RemoveClientField, RemoveFile, RemoveNote,
RemovePerk, RemovePhoto, RemoveSource, SearchClients, ShowClient, ShowClientCategory, ShowClientField,
ShowClientRevenue, ShowConsent, ShowConsentDocument, ShowFile, ShowHabits, ShowNote, ShowPerk, ShowPhoto, ShowRetention,
ShowSource, ShowVisitHistory, TakeContact, WithdrawConsent

States: ClientChanged, ClientErased, ClientRegistered, ConsentGiven, ConsentWithdrawn, OccasionClosed, OccasionOpened,
PersonalDataHandled, SourceChanged, SourceRemoved

Listens: AppointmentArrived, AppointmentBooked, AppointmentCancelled, AppointmentChanged, AppointmentConfirmed,
AppointmentMissed, VisitCompleted, VisitRefunded
"""
