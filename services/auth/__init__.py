"""Who may do what: users, roles and sessions.

Owns: users and their passwords, roles, sessions and refresh tokens, failed sign-ins, codes to phones, the journal. It
alone signs for users.

Answers: ChangeLook, ChangePassword, ChangeRole, ChangeUser, CheckConfirmation, CheckUser, ConfirmPhone, CreateRole,
CreateUser, ExportFromAuth, ListEndedSessions, ListJournal, ListOutgoingCodes, ListRoles, ListUsers, RefreshSession,
SendCode, ShowJournalHead, ShowMe, ShowRole, ShowUser, SignIn, SignInWithCode, SignOut

States: SessionsEnded, StaffCardChanged

Listens: ClientErased, HealthShown, LoyaltyHandled, PersonalDataHandled
"""
