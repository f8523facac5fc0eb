"""Phones: the list with its bulk changes, and one phone's page."""

from wholecell.web.inventory import bulk, items, labels, pages
from wholecell.web.inventory.blueprint import bp

__all__ = ["bp", "bulk", "items", "labels", "pages"]
