"""Dashboards as pages: what each role begins with, widgets, and arranging them."""
