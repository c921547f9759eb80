"""What the tables share."""

from chassis.database import metadata

loyalty_metadata = metadata()
