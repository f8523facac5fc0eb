"""The API that other systems call: JSON in, JSON out, let in by a token of ours."""

from wholecell.web.api import document, listings, orders, quantities, shipments
from wholecell.web.api.blueprint import bp

__all__ = ["bp", "document", "listings", "orders", "quantities", "shipments"]
