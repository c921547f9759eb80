"""By what figures may be asked for."""

from typing import Literal

Dimension = Literal["month", "day", "branch", "service", "category", "master", "source"]

# Files and pictures are for people: money in whole units, names beside ids.
FigureFormat = Literal["json", "csv", "xlsx", "pdf", "svg", "png"]
