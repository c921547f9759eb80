"""What the tables share."""

from chassis.database import metadata

analytics_metadata = metadata()
