"""The rules of booking: pure, with time as an argument; one file per noun."""
