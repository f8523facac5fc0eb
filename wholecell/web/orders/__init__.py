"""Orders: the list with its bulk changes, one order's page, and orders made by hand."""

from wholecell.web.orders import address, bulk, commits, detail, items, new, pages, searching, shipping
from wholecell.web.orders.blueprint import bp

__all__ = ["address", "bp", "bulk", "commits", "detail", "items", "new", "pages", "searching", "shipping"]
