"""The rules of analytics: pure, time is an argument; one file per noun."""
