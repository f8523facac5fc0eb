"""Where the page of a thing is, for timelines and search results."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, url_for

# subject -> (endpoint, name of its id)
PAGES = {
    "item": ("inventory.item", "item_id"),
    "variation": ("catalog.variation", "variation_id"),
    "listing": ("listings.detail", "listing_id"),
    "integration": ("integrations.detail", "integration_id"),
    "order": ("orders.detail", "order_id"),
    "customer": ("customers.detail", "customer_id"),
    "upload": ("uploads.detail", "upload_id"),
}


def init_app(app: Flask) -> None:
    """Let templates ask too."""
    app.jinja_env.globals.update(orders_href=orders_href, subject_href=subject_href)


def subject_href(subject: str, subject_id: int) -> str:
    """The address of its page; empty when this version has none."""
    endpoint, name = PAGES.get(subject, ("", ""))
    values: dict[str, Any] = {name: subject_id}
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""


def orders_href(**filters: Any) -> str:
    """The list of orders under these filters; empty when this version has none."""
    return url_for("orders.index", **filters) if "orders.index" in current_app.view_functions else ""
