"""The cards of all channels, and connecting one."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.channels import discover
from wholecell.channels.contract import Channel, ChannelError
from wholecell.services import (
    apps,
    integration_orders,
    integration_page,
    shipping_page,
    sign_ins,
    sync_health,
    sync_progress,
)
from wholecell.services.connect import has_api, signs_in
from wholecell.services.integrations import IntegrationError
from wholecell.services.work import Kind
from wholecell.web.access import Least, actor, needs
from wholecell.web.forms.integrations import NameForm
from wholecell.web.integrations.shared import bp, callback_address, open_login_form, say_connected, vault


@bp.get("/")
@needs(Least.VIEWER)
def index() -> str:
    """One card for each integration, and one for each channel that has none."""
    health, orders = sync_health.all_health(), integration_orders.figures()
    handed = shipping_page.figures()
    return render_template("integrations/index.html", channels=discover(), health=health, orders=orders, handed=handed)


def _built(kind: str) -> Channel:
    channel = discover().get(kind)
    if channel is None or not channel.is_built or channel.form is None:
        abort(404)
    return channel


@bp.get("/connect/<kind>")
@needs(Least.ADMIN)
def connect(kind: str) -> Response:
    """The channel's login form."""
    channel = _built(kind)
    return _connect_page(channel, NameForm(formdata=None, data={"name": channel.label}), open_login_form(channel))


@bp.post("/connect/<kind>")
@needs(Least.ADMIN)
def save_connection(kind: str) -> BaseResponse:
    """Try the login on the channel; when it works keep it and begin to import listings."""
    channel = _built(kind)
    name_form, login_form = NameForm(), open_login_form(channel, request.form)
    is_named = name_form.validate_on_submit()
    if not login_form.validate() or not is_named:
        return _connect_page(channel, name_form, login_form, status=422)
    try:
        if signs_in(channel, login_form.data):
            begun = sign_ins.begin(channel, login_form.data, vault(), actor(), name=name_form.name.data)
            return redirect(url_for("integrations.sign_in", kind=kind, sign_in_id=begun), 303)
        added = integration_page.connect(kind, name_form.name.data, login_form.data, vault(), actor())
    except IntegrationError as error:
        name_form.name.errors = [str(error)]
        return _connect_page(channel, name_form, login_form, status=422)
    except ChannelError as error:
        return _connect_page(channel, name_form, login_form, error, 422)
    if channel.ships_orders:
        flash(f"{added.name} is connected. Nothing goes there before you have done what this page says.", "success")
        return redirect(url_for("integrations.detail", integration_id=added.id), 303)
    if added.is_by_hand:
        flash(f"{added.name} is connected. Upload its listings now; nothing counts before you arm it.", "success")
        return redirect(url_for("integrations.listings", integration_id=added.id), 303)
    sync_progress.ask(added.id, Kind.IMPORT_LISTINGS, actor())
    say_connected(added)
    return redirect(url_for("integrations.listings", integration_id=added.id), 303)


def _connect_page(
    channel: Channel, name_form: NameForm, login_form: Any, error: ChannelError | None = None, status: int = 200
) -> Response:
    leads_there = signs_in(channel, login_form.data)
    page = render_template(
        "integrations/connect.html",
        channel=channel,
        name_form=name_form,
        login_form=login_form,
        error=error,
        is_set_up=apps.is_set_up(channel) or not leads_there,
        signs_in=leads_there,
        return_address=callback_address(channel) if channel.sign_in is not None and has_api(channel) else "",
    )
    return make_response(page, status)
