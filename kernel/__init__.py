"""The words that every service shares; standard library only."""
