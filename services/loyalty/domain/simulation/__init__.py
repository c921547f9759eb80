"""A proposed programme over the real history: who would have got what, and what that would have cost."""
