"""Every area of reports."""

from gateway.pages.reports import builder, pages

AREAS = (builder.area, pages.area)
