"""Pages of integrations: their cards, connecting one, and the five tabs of each."""

from __future__ import annotations

from wholecell.web.integrations import cards, details, history, listings, login, orders, preview, signing_in
from wholecell.web.integrations.shared import bp

__all__ = ["bp", "cards", "details", "history", "listings", "login", "orders", "preview", "signing_in"]
