"""Fills an empty installation with a generated chain of salons, over HTTP only.

`names` and `catalogue` are the words; `chain` is the salons, who works in them and when; `people` the clients and who
brought whom; `seasons` when they come; `visits` two and a half years of it and the fortnight to come; `generated` all
of that from a seed; `logins` who can sign in. `loading` sends it: `salons` first, `occasions` last, in the manner of
`sending`; `command` is what the runner starts. Everything but the passwords follows from the seed and the moment when
the demo was begun.
"""
