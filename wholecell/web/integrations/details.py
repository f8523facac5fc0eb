"""The Details tab: what an integration may sell, and what saving would do."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.channels.contract import ChannelError
from wholecell.models import Integration
from wholecell.services import integration_page, integrations, settings_effect, status_map, status_words
from wholecell.services.connect import channel_of
from wholecell.services.integrations import Settings
from wholecell.web.access import Least, actor, needs
from wholecell.web.filters import zone_name
from wholecell.web.forms.integrations import SettingsForm
from wholecell.web.forms.orders_settings import Abilities, entered_map
from wholecell.web.integrations.shared import bp, known, open_login_form, stored_secrets, tab
from wholecell.web.integrations.shipping import shipping_details


@bp.get("/<int:integration_id>/")
@needs(Least.VIEWER)
def detail(integration_id: int) -> Response:
    """The tab."""
    return details_page(known(integration_id))


@bp.post("/<int:integration_id>/")
@needs(Least.MANAGER)
def save(integration_id: int) -> BaseResponse:
    """Save what is ticked, limited and imported; the numbers follow within a second."""
    integration = known(integration_id)
    form = _form(integration)
    if not form.validate_on_submit():
        return details_page(integration, form=form, status=422)
    saved = integrations.settings_of(integration)
    new = _entered(integration, form, saved)
    integrations.save_settings(integration_id, new, actor())
    armed = "The numbers follow within seconds, unless the guard holds them."
    follow = armed if integration.is_armed else "Nothing is sent before you arm it."
    begins = " Its orders come in now." if new.orders.imports and not saved.orders.imports else ""
    flash(f"Saved. {follow}{begins}", "success")
    return redirect(url_for("integrations.detail", integration_id=integration_id), 303)


@bp.post("/<int:integration_id>/canceled")
@needs(Least.MANAGER)
def add_canceled(integration_id: int) -> BaseResponse:
    """Add the status Canceled and choose it for the words that want it."""
    integration = known(integration_id)
    chosen = status_map.choose_canceled(integration_id, actor())
    flash(f"Canceled is added, and {'1 word becomes' if chosen == 1 else f'{chosen} words become'} it.", "success")
    page = "integrations.stores" if channel_of(integration).ships_orders else "integrations.detail"
    return redirect(url_for(page, integration_id=integration_id, _anchor="map"), 303)


@bp.post("/<int:integration_id>/effect")
@needs(Least.MANAGER)
def effect(integration_id: int) -> str:
    """What saving the form as it stands now would do to the numbers."""
    integration = known(integration_id)
    form = _form(integration)
    saved = integrations.settings_of(integration)
    new = _entered(integration, form, saved) if form.validate() else None
    context: dict[str, Any] = {
        "integration": integration,
        "channel": channel_of(integration),
        "saved": saved,
        "effect": settings_effect.effect_of(saved, new) if new else None,
        "is_wrong": new is None,
        "new": new,
        "contradictions": status_map.contradictions(integration.kind, new.orders.statuses) if new else [],
    }
    return render_template("integrations/_effect.html", **context)


def _entered(integration: Integration, form: SettingsForm, saved: Settings) -> Settings:
    ours = [each.id for each in status_map.statuses()]
    return form.settings(saved, Abilities.of(channel_of(integration), is_by_hand=integration.is_by_hand), ours)


def _form(integration: Integration) -> SettingsForm:
    form = SettingsForm()
    form.offer(*integration_page.ticks(integration))
    return form


def details_page(
    integration: Integration,
    *,
    form: SettingsForm | None = None,
    login_form: Any = None,
    error: ChannelError | None = None,
    status: int = 200,
) -> Response:
    """The tab with these forms, or with what is saved."""
    channel = channel_of(integration)
    if channel.ships_orders:
        return shipping_details(integration.id, status, login_form=login_form, error=error)
    statuses, warehouses = integration_page.ticks(integration)
    saved = integrations.settings_of(integration)
    ours = status_map.statuses()
    typed = entered_map(each.id for each in ours) if form is not None else {}
    if form is None:
        form = SettingsForm(formdata=None)
        form.offer(statuses, warehouses)
        form.show(saved)
    form.order_minimum_at.description = f"Orders placed since then are fetched too, open or not. Time of {zone_name()}."
    form.accepting.description = (
        f"{channel.label} refuses a shipment sent before that. By hand: on Today and on the order. None: shipments do "
        "not wait, and nothing is listed as to accept. A change counts for orders that come in or change from then on."
    )
    if login_form is None and channel.form is not None:
        login_form = open_login_form(channel, data=integration.login)
    return tab(
        "integrations/details.html",
        integration.id,
        status,
        form=form,
        login_form=login_form,
        stored_secrets=stored_secrets(integration),
        error=error,
        statuses=statuses,
        warehouses=warehouses,
        abilities=Abilities.of(channel, is_by_hand=integration.is_by_hand),
        map_rows=status_map.map_rows(integration, {**saved.orders.statuses, **typed}),
        order_statuses=ours,
        contradiction=status_words.contradiction,
    )
