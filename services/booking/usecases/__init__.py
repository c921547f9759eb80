"""One function per message: load, decide, keep, announce; none commits; one file per noun."""
