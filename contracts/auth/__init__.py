"""Users, roles, sessions, codes and the journal."""

from contracts.auth.codes import *
from contracts.auth.users import *
