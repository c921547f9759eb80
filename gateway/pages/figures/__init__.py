"""Figures as pages: what each asks, pictures and tables of it, where clients come from, who they are."""
