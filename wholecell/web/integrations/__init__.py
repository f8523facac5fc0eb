"""Pages of integrations: their cards, connecting one, and the tabs of each."""

from __future__ import annotations

from wholecell.web.integrations import (
    cards,
    details,
    history,
    listings,
    login,
    orders,
    preview,
    shipping,
    signing_in,
    stores,
    updates,
)
from wholecell.web.integrations.shared import bp

__all__ = [
    "bp",
    "cards",
    "details",
    "history",
    "listings",
    "login",
    "orders",
    "preview",
    "shipping",
    "signing_in",
    "stores",
    "updates",
]
