"""The desk: the day of a branch on one screen, and everything that is done with an appointment there."""
