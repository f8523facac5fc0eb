"""The Stores tab of an integration that ships for us and that we call: where orders go, and whose come here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flask import Response, abort, current_app, flash, redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.channels import routes
from wholecell.channels.contract import ChannelError
from wholecell.models import Integration
from wholecell.services import integrations, outgoing_due, shipment_notices, shipping_stores, status_map, status_words
from wholecell.services.connect import channel_of
from wholecell.services.refusal import Refusal
from wholecell.services.shipping_stores import Stores
from wholecell.web.access import Least, actor, needs
from wholecell.web.filters import zone_name
from wholecell.web.forms.orders_settings import Abilities, entered_map
from wholecell.web.forms.stores import StoresForm
from wholecell.web.integrations.shared import bp, known, tab, vault


def _stores(integration_id: int) -> tuple[Integration, Stores]:
    """The integration and its stores, or 404 where it calls us or ships nothing."""
    integration = known(integration_id)
    found = shipping_stores.show(integration_id)
    return (integration, found) if found is not None else abort(404)


@bp.get("/<int:integration_id>/stores")
@needs(Least.VIEWER)
def stores(integration_id: int) -> Response:
    """The tab."""
    return _page(*_stores(integration_id))


def _page(integration: Integration, found: Stores, form: StoresForm | None = None, status: int = 200) -> Response:
    saved, ours = integrations.settings_of(integration), status_map.statuses()
    typed = entered_map(each.id for each in ours) if form is not None else {}
    if form is None:
        form = StoresForm(formdata=None)
        form.offer(found.rows)
        form.show_stores(found)
        form.show_orders(saved.orders)
    form.order_minimum_at.description = f"Orders placed since then are fetched too, open or not. Time of {zone_name()}."
    return tab(
        "integrations/stores.html",
        integration.id,
        status,
        form=form,
        stores=found,
        abilities=Abilities.of(channel_of(integration)),
        map_rows=status_map.map_rows(integration, {**saved.orders.statuses, **typed}),
        order_statuses=ours,
        contradiction=status_words.contradiction,
        notices_to=_address(integration.kind),
    )


@bp.post("/<int:integration_id>/stores")
@needs(Least.MANAGER)
def save_stores(integration_id: int) -> BaseResponse:
    """Save what is chosen; orders go and come within seconds."""
    integration, found = _stores(integration_id)
    form = StoresForm()
    form.offer(found.rows)
    if not form.validate_on_submit():
        return _page(integration, found, form, 422)
    saved = integrations.settings_of(integration)
    ours = [each.id for each in status_map.statuses()]
    orders = form.orders(saved.orders, Abilities.of(channel_of(integration)), ours)

    def save() -> str:
        shipping_stores.save(integration_id, form.choice(), actor())
        integrations.save_settings(integration_id, replace(saved, orders=orders), actor())
        goes = "Orders go within seconds." if form.sends_orders.data else "No order is sent while that is off."
        return f"Saved. {goes}"

    return _do(integration_id, save)


@bp.post("/<int:integration_id>/stores/read")
@needs(Least.MANAGER)
def read_stores(integration_id: int) -> BaseResponse:
    """Ask for the stores there are."""
    _stores(integration_id)

    def read() -> str:
        count = shipping_stores.read(integration_id, vault())
        return f"{count} store{'' if count == 1 else 's'} found."

    return _do(integration_id, read)


@bp.post("/<int:integration_id>/stores/notices")
@needs(Least.ADMIN)
def begin_notices(integration_id: int) -> BaseResponse:
    """Have the program call us when it shipped something."""
    integration, _ = _stores(integration_id)

    def begin() -> str:
        shipment_notices.begin(integration_id, _address(integration.kind), vault(), actor())
        return f"{integration.name} tells of shipments as they are made from now on."

    return _do(integration_id, begin)


@bp.post("/<int:integration_id>/handed/<int:order_id>/try")
@needs(Least.MANAGER)
def try_order(integration_id: int, order_id: int) -> BaseResponse:
    """Send a refused order once more."""
    known(integration_id)
    try:
        outgoing_due.try_again(integration_id, order_id, actor())
        flash("It is sent again within seconds.", "success")
    except Refusal as refusal:
        flash(str(refusal), "error")
    return redirect(url_for("integrations.handing", integration_id=integration_id, view="refused"), 303)


def _address(kind: str) -> str:
    """Where the program tells that something was shipped, the secret left open; empty where it cannot."""
    if kind not in routes() or "shipped" not in routes()[kind].PUBLIC:
        return ""
    public_url = current_app.extensions["wholecell"].public_url
    path = url_for(f"{kind}.shipped", secret="SECRET").replace("SECRET", shipment_notices.PLACE)
    return f"{public_url}{path}"


def _do(integration_id: int, do: Callable[[], str]) -> BaseResponse:
    try:
        flash(do(), "success")
    except Refusal as refusal:
        flash(str(refusal), "error")
    except ChannelError as error:
        flash(f"{error.message} {error.advice}".strip(), "error")
    return redirect(url_for("integrations.stores", integration_id=integration_id), 303)
