"""Fulfil: an order by scan, then its phones."""

from wholecell.web.fulfil import actions, scans
from wholecell.web.fulfil.page import bp

__all__ = ["actions", "bp", "scans"]
