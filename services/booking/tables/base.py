"""What the tables share: their metadata and the columns that most of them have."""

from sqlalchemy import BigInteger, Column, ForeignKey, Uuid

from chassis.database import metadata

booking_metadata = metadata()


def id_column() -> Column[object]:
    return Column("id", Uuid, primary_key=True)


def version_column() -> Column[object]:
    return Column("version", BigInteger, nullable=False, server_default="1")


def to(target: str, *, nullable: bool = False, index: bool = False) -> Column[object]:
    """A column that points to a row of `target`, named after it: `branches` gives `branch_id`."""
    name = target.removesuffix("es") if target == "branches" else target.removesuffix("s")
    return Column(f"{name}_id", Uuid, ForeignKey(f"{target}.id"), nullable=nullable, index=index)
