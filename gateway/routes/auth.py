"""Signing in, users and roles."""

from contracts.auth import (
    ChangeLook,
    ChangePassword,
    ChangeRole,
    ChangeUser,
    ConfirmPhone,
    CreateRole,
    CreateUser,
    ListOutgoingCodes,
    ListRoles,
    ListUsers,
    RefreshSession,
    SendCode,
    ShowMe,
    ShowRole,
    ShowUser,
    SignIn,
    SignInWithCode,
    SignOut,
)
from gateway.exchange import remote_address, retry_key
from gateway.route import Area

area = Area("auth", "Signing in, users and roles")
expose = area.expose

expose("POST", "/auth/login", SignIn, "Sign in", anonymous=True, fills={"address": remote_address})
expose(
    "POST",
    "/auth/refresh",
    RefreshSession,
    "Exchange a refresh token, which works once",
    anonymous=True,
    ends_sessions=True,
    fills={"address": remote_address, "retry_key": retry_key},
)
expose("POST", "/auth/logout", SignOut, "End this session everywhere", status=204, ends_sessions=True)
expose("POST", "/auth/password", ChangePassword, "Change the own password", ends_sessions=True)
expose("GET", "/auth/me", ShowMe, "Who asks")
expose("POST", "/auth/me/look", ChangeLook, "Choose how pages look, on every device")

from_where = {"address": remote_address}
expose("POST", "/auth/codes", SendCode, "Send a code to a phone", anonymous=True, fills=from_where)
expose("GET", "/auth/codes", ListOutgoingCodes, "List codes that somebody has to tell")
expose(
    "POST",
    "/auth/codes/confirm",
    ConfirmPhone,
    "Exchange a code for a confirmation of the phone",
    anonymous=True,
    fills=from_where,
)
expose(
    "POST",
    "/auth/codes/login",
    SignInWithCode,
    "Sign in as a client with a code",
    anonymous=True,
    fills=from_where,
)

expose("GET", "/users", ListUsers, "List users")
expose("POST", "/users", CreateUser, "Create a user", status=201)
expose("GET", "/users/<uuid:id>", ShowUser, "Show a user", resource=ShowUser)
expose("PATCH", "/users/<uuid:id>", ChangeUser, "Change a user", resource=ShowUser, ends_sessions=True)

expose("GET", "/roles", ListRoles, "List roles")
expose("POST", "/roles", CreateRole, "Create a role", status=201)
expose("GET", "/roles/<uuid:id>", ShowRole, "Show a role", resource=ShowRole)
expose("PATCH", "/roles/<uuid:id>", ChangeRole, "Change a role", resource=ShowRole, ends_sessions=True)
