"""The catalog: the list of variations, their SKUs, one variation's page, and adding one."""

from wholecell.web.catalog import new, pages, skus
from wholecell.web.catalog.blueprint import bp

__all__ = ["bp", "new", "pages", "skus"]
