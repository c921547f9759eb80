"""Loyalty: what a client has and why, what is sold ahead, promotions, and the programme with its what-if."""
