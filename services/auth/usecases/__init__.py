"""What is done with users, roles and sessions, by noun: one function per message."""
