"""What the tables share."""

from chassis.database import metadata

tables = metadata()
