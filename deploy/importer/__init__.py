"""Brings the export of another salon system into Lokon, over HTTP only.

`export` reads the six files; `salon`, `diary` and `planning` decide what they mean, in the words of `plan`; `loading`
sends it; `reckoning` compares what analytics says afterwards with what was sent; `report` shows all of it; `command`
is what one types.
"""
