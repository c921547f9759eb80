"""Who may do what: users, roles and sessions.

Owns: users and their passwords, roles, sessions and refresh tokens, failed sign-ins, the journal. It alone signs for
users.

Answers: ChangePassword, ChangeRole, ChangeUser, CheckUser, CreateRole, CreateUser, ExportFromAuth, ListEndedSessions,
ListJournal, ListRoles, ListUsers, RefreshSession, ShowJournalHead, ShowMe, ShowRole, ShowUser, SignIn, SignOut

States: SessionsEnded, StaffCardChanged

Listens: ClientErased, HealthShown, LoyaltyHandled, PersonalDataHandled
"""
