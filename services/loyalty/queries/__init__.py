"""What can be seen of loyalty: SQL in, contract views out; one file per noun."""
