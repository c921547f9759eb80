"""What can be seen of booking: SQL in, contract views out; one file per noun."""
