"""The rules of loyalty: pure, time is an argument; one file per noun."""
