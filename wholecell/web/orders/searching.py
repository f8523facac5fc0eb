"""Variations and customers found by words, for the forms of orders."""

from __future__ import annotations

from flask import render_template, request

from wholecell.services import order_offers
from wholecell.services.order_offers import Offered
from wholecell.web.access import Least, needs
from wholecell.web.orders.blueprint import bp


def candidates(text: str) -> list[Offered]:
    """Variations that hold all these words, with what is free."""
    return order_offers.search(text)


@bp.get("/candidates")
@needs(Least.VIEWER)
def found() -> str:
    """Variations that fit the words typed."""
    find = request.args.get("find", "").strip()
    return render_template("orders/_candidates.html", find=find, found=candidates(find))


@bp.get("/customers")
@needs(Least.MANAGER)
def customers() -> str:
    """Names that begin or go on like the one typed, for the field that offers them."""
    names = order_offers.customer_names(request.args.get("customer", ""))
    return render_template("orders/_customer_names.html", names=names)
