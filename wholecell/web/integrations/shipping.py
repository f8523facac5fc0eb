"""The tabs of an integration that ships for us: how it is used, which orders go, what was exchanged."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.channels import routes
from wholecell.channels.contract import ChannelError, Stage
from wholecell.db import db
from wholecell.models import Integration, ShippingSettings
from wholecell.services import integration_page, shipping_login, shipping_page, shipping_settings
from wholecell.services.connect import channel_of
from wholecell.services.keyset import shown_count
from wholecell.web.access import Least, actor, needs
from wholecell.web.forms.shipping import HandingForm
from wholecell.web.integrations.shared import bp, known, open_login_form, stored_secrets, tab, vault
from wholecell.web.listing_timeline import INTEGRATION, line_of
from wholecell.web.params import cursor, href

# What the program's form asks for, and our word for it.
WORDS = {
    "Unpaid status": Stage.UNPAID,
    "Paid status": Stage.PAID,
    "Shipped status": Stage.SHIPPED,
    "Cancelled status": Stage.CANCELLED,
    "On-hold status": Stage.ON_HOLD,
}


def shipping(integration_id: int) -> tuple[Integration, ShippingSettings]:
    """The integration with its settings, or 404 when it ships nothing."""
    integration = known(integration_id)
    settings = shipping_settings.load(integration_id)
    return (integration, settings) if settings is not None else abort(404)


def shipping_details(
    integration_id: int,
    status: int = 200,
    *,
    form: HandingForm | None = None,
    login_form: Any = None,
    error: ChannelError | None = None,
    password: str = "",
    trials: Any = None,
) -> Response:
    """The Details tab; `password` is one that was just made, `trials` how a try of all of it went."""
    integration, settings = shipping(integration_id)
    ticks = shipping_settings.channel_ticks(settings)
    if form is None:
        form = HandingForm(formdata=None)
        form.offer(each.name for each in ticks)
        form.show(shipping_settings.value_of(settings))
    channel = channel_of(integration)
    if login_form is None and channel.form is not None:
        login_form = open_login_form(channel, data=integration.login)
    return tab(
        "integrations/shipping.html",
        integration_id,
        status,
        form=form,
        login_form=login_form,
        stored_secrets=stored_secrets(integration),
        error=error,
        settings=settings,
        ticks=ticks,
        left_out=shipping_page.left_out(settings),
        statuses=shipping_page.statuses(),
        address=_address(integration.kind) if integration.is_by_hand else None,
        words=WORDS,
        attributes=shipping_settings.ATTRIBUTES,
        password=password,
        trials=trials,
    )


def _address(kind: str) -> tuple[str, str, str] | None:
    """The address to enter at the program: its title, itself, and what to know about it."""
    named = routes()[kind].ADDRESSES if kind in routes() else ()
    public_url = current_app.extensions["wholecell"].public_url
    return next(((title, f"{public_url}{url_for(f'{kind}.{view}')}", text) for title, view, text in named), None)


@bp.post("/<int:integration_id>/handing")
@needs(Least.MANAGER)
def save_handing(integration_id: int) -> BaseResponse:
    """Save which orders go and how they are written."""
    integration, settings = shipping(integration_id)
    form = HandingForm()
    form.offer(each.name for each in shipping_settings.channel_ticks(settings))
    if not form.validate_on_submit():
        return shipping_details(integration_id, 422, form=form)
    shipping_settings.save(integration_id, form.value(), actor())
    flash(f"Saved. Orders that {integration.name} is to get now go with the next time they are told.", "success")
    return redirect(url_for("integrations.detail", integration_id=integration_id), 303)


@bp.post("/<int:integration_id>/password")
@needs(Least.ADMIN)
def make_password(integration_id: int) -> BaseResponse:
    """Make the password with which the program calls us, and show it, this once."""
    integration, _ = shipping(integration_id)
    if not integration.is_by_hand:
        abort(404)
    _, password = shipping_login.make(integration_id, vault(), actor())
    return shipping_details(integration_id, 201, password=password)


@bp.post("/<int:integration_id>/try-out")
@needs(Least.MANAGER)
def try_out(integration_id: int) -> BaseResponse:
    """Call ourselves as the program would; nothing is changed."""
    integration, settings = shipping(integration_id)
    password = shipping_login.password_of(settings, vault())
    if not integration.is_by_hand or integration.kind not in routes():
        abort(404)
    if not password or settings.user_name is None:
        flash("Make a password first: there is none that could be tried.", "error")
        return redirect(url_for("integrations.detail", integration_id=integration_id), 303)
    name = settings.user_name
    db.session.commit()  # nothing stays open while we call ourselves
    return shipping_details(integration_id, trials=routes()[integration.kind].try_out(integration_id, name, password))


@bp.get("/<int:integration_id>/handing")
@needs(Least.VIEWER)
def handing(integration_id: int) -> Response:
    """The Orders tab: what goes next, what cannot go and why, what went."""
    _, settings = shipping(integration_id)
    counts = shipping_page.counts(settings)
    wanted = request.args.get("view", "next")
    view = wanted if wanted in shipping_page.VIEWS else "next"
    page = shipping_page.orders(settings, view, cursor())
    return tab(
        "integrations/shipping_orders.html",
        integration_id,
        settings=settings,
        counts={key: shown_count(number) for key, number in counts.items() if number},
        views=shipping_page.VIEWS,
        view=view,
        page=page,
        left_out=shipping_page.left_out(settings),
        statuses=shipping_page.statuses(),
        ticks=shipping_settings.channel_ticks(settings),
        hrefs=_neighbors("integrations.handing", page, integration_id=integration_id, view=view),
    )


@bp.get("/<int:integration_id>/exchanged")
@needs(Least.VIEWER)
def exchanged(integration_id: int) -> Response:
    """The History tab: shipments it told of, what it asked for, and changes of settings."""
    integration, _ = shipping(integration_id)
    wanted = request.args.get("show", "")
    views = {"shipments": "Shipments told", "exports": "Orders asked for", "changes": "Changes and runs"}
    if not integration.is_by_hand:
        del views["exports"]
    show = wanted if wanted in views else "shipments"
    found: Any = {"shipments": shipping_page.notices, "exports": shipping_page.exports}.get(show)
    page = found(integration_id, cursor()) if found else None
    return tab(
        "integrations/shipping_history.html",
        integration_id,
        views=views,
        show=show,
        page=page,
        changes=integration_page.history(integration_id) if page is None else None,
        said=lambda event: line_of(event, {}, INTEGRATION),
        hrefs=_neighbors("integrations.exchanged", page, integration_id=integration_id, show=show),
    )


def _neighbors(endpoint: str, page: Any, **values: Any) -> tuple[str | None, str | None]:
    """The addresses of the pages before and after."""
    if page is None:
        return None, None
    return (
        href(endpoint, values, after=page.previous) if page.previous else None,
        href(endpoint, values, before=page.next) if page.next else None,
    )
