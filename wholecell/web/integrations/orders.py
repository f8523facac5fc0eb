"""The Orders tab: Import orders with its progress, what its orders need, and those that could not be stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.channels.contract import ImportsOrders
from wholecell.models import Integration
from wholecell.services import integration_orders, sync_progress, why_orders
from wholecell.services.connect import can, channel_of, works_by_files
from wholecell.services.refusal import Refusal
from wholecell.services.work import Kind
from wholecell.web.access import Least, actor, needs
from wholecell.web.htmx import wants_partial
from wholecell.web.integrations.progress import progress_answer, progress_context
from wholecell.web.integrations.shared import bp, known, tab


def _importing(integration_id: int) -> Integration:
    """The integration, or 404 when its channel has no orders to import."""
    integration = known(integration_id)
    is_called = not integration.is_by_hand and can(channel_of(integration), ImportsOrders)
    may_come = works_by_files(integration) or is_called
    return integration if may_come else abort(404)


@bp.get("/<int:integration_id>/orders")
@needs(Least.VIEWER)
def orders(integration_id: int) -> Response:
    """The tab."""
    integration = _importing(integration_id)
    return tab(
        "integrations/orders.html",
        integration_id,
        **_needs(integration),
        **progress_context(integration, Kind.IMPORT_ORDERS),
    )


@bp.get("/<int:integration_id>/order-figures")
@needs(Least.VIEWER)
def order_figures(integration_id: int) -> str:
    """The counts and failed orders alone, once an import ended."""
    integration = _importing(integration_id)
    return render_template(
        "integrations/_orders.html",
        integration=integration,
        channel=channel_of(integration),
        **_needs(integration),
    )


def _needs(integration: Integration) -> dict[str, Any]:
    return {
        "figures": integration_orders.figures_of(integration.id),
        "failed": integration_orders.failed(integration.id),
        "checks": why_orders.checks(integration),
    }


@bp.post("/<int:integration_id>/import-orders")
@needs(Least.MANAGER)
def import_orders(integration_id: int) -> BaseResponse:
    """Import orders; a second press shows the run that is on its way."""
    integration = _importing(integration_id)
    sync_progress.ask(integration_id, Kind.IMPORT_ORDERS, actor())
    if wants_partial():
        return progress_answer(integration, Kind.IMPORT_ORDERS)
    return _back(integration_id)


@bp.get("/<int:integration_id>/orders-progress")
@needs(Least.VIEWER)
def orders_progress(integration_id: int) -> Response:
    """How far it is; asked for each second while it runs."""
    return progress_answer(_importing(integration_id), Kind.IMPORT_ORDERS)


@bp.post("/<int:integration_id>/import-errors/<int:error_id>/try")
@needs(Least.MANAGER)
def try_order_again(integration_id: int, error_id: int) -> BaseResponse:
    """Ask for an import that asks for this order by its id."""
    return _do(
        integration_id,
        lambda: integration_orders.try_again(integration_id, error_id, actor()),
        "It is asked for again with the import that starts now.",
    )


@bp.post("/<int:integration_id>/import-errors/<int:error_id>/leave")
@needs(Least.MANAGER)
def leave_order(integration_id: int, error_id: int) -> BaseResponse:
    """Leave an order that cannot be stored alone."""
    return _do(
        integration_id,
        lambda: integration_orders.leave(integration_id, error_id, actor()),
        "It is left alone. When the channel tells of it again, it comes back here.",
    )


def _do(integration_id: int, do: Callable[[], None], said: str) -> BaseResponse:
    _importing(integration_id)
    try:
        do()
        flash(said, "success")
    except Refusal as refusal:
        flash(str(refusal), "error")
    return _back(integration_id)


def _back(integration_id: int) -> BaseResponse:
    return redirect(url_for("integrations.orders", integration_id=integration_id), 303)
