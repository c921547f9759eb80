"""How Lokon is installed, started, watched and stopped; nothing of it is imported by what it starts."""
