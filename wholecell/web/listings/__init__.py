"""Pages of listings: the table over all integrations, and one listing."""

from __future__ import annotations

from wholecell.web.listings import group, page, table
from wholecell.web.listings.shared import bp

__all__ = ["bp", "group", "page", "table"]
