"""What is sold: products, and the variations of them that carry a SKU."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wholecell.db import Base, BigId

variation_conditions = sa.Table(
    "variation_condition",
    Base.metadata,
    sa.Column("variation_id", BigId, sa.ForeignKey("product_variation.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("condition_id", BigId, sa.ForeignKey("condition.id"), primary_key=True, index=True),
)


class Grade(Base):
    """A cosmetic grade, such as B+, in the seller's own words."""

    __tablename__ = "grade"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(40), unique=True)
    position: Mapped[int] = mapped_column(default=0)
    is_archived: Mapped[bool] = mapped_column(default=False)


class Condition(Base):
    """A damage, with the short code that stands in SKUs and sheets (CG = cracked glass)."""

    __tablename__ = "condition"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    code: Mapped[str] = mapped_column(sa.String(10), unique=True)
    position: Mapped[int] = mapped_column(default=0)
    is_archived: Mapped[bool] = mapped_column(default=False)


class Product(Base):
    """One model in one configuration, whatever its grade."""

    __tablename__ = "product"
    __table_args__ = (sa.UniqueConstraint("manufacturer", "model", "variant", "network", "capacity", "color"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    manufacturer: Mapped[str] = mapped_column(sa.String(80))
    model: Mapped[str] = mapped_column(sa.String(120), index=True)
    variant: Mapped[str] = mapped_column(sa.String(80))
    network: Mapped[str] = mapped_column(sa.String(80))
    capacity: Mapped[str] = mapped_column(sa.String(40))
    color: Mapped[str] = mapped_column(sa.String(60))

    @property
    def name(self) -> str:
        """The product in one line, as lists show it."""
        return " ".join((self.manufacturer, self.model, self.capacity, self.color))


class ProductVariation(Base):
    """A product in one grade with one set of damages: what a SKU stands for and a phone is."""

    __tablename__ = "product_variation"
    __table_args__ = (
        sa.UniqueConstraint("product_id", "grade_id", "condition_codes"),
        # A deleted variation's id is never used again: its timeline and uploads still name it.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("product.id"))
    grade_id: Mapped[int] = mapped_column(sa.ForeignKey("grade.id"), index=True)
    # The codes of its damages, sorted and joined by "+": the unique key of a set, which rows alone cannot have.
    condition_codes: Mapped[str] = mapped_column(sa.String(200), default="")
    sku: Mapped[str | None] = mapped_column(sa.String(120), index=True)
    # Equal to `sku` while the setting SKU uniqueness is on, else empty: the index refuses a second holder.
    unique_sku: Mapped[str | None] = mapped_column(sa.String(120), unique=True)
    price_cents: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)

    product: Mapped[Product] = relationship(lazy="raise")
    grade: Mapped[Grade] = relationship(lazy="raise")
    conditions: Mapped[list[Condition]] = relationship(secondary=variation_conditions, lazy="raise")

    __mapper_args__ = {"version_id_col": version}
