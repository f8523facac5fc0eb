"""What all pages of integrations need."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, make_response, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from wholecell.channels.contract import Channel
from wholecell.config import Config
from wholecell.models import Integration
from wholecell.services import connect, integration_page, sync_health
from wholecell.services.vault import Vault

bp = Blueprint("integrations", __name__, url_prefix="/integrations")


@bp.app_context_processor
def pulse() -> dict[str, object]:
    """The line in the top bar; asked for only where it is drawn."""
    return {"pulse": sync_health.pulse}


# Pages of what is sold: a program that ships orders has no listings and no numbers.
SELLING = frozenset(
    f"integrations.{name}"
    for name in ("listings", "sync", "sync_everything", "send", "preview", "arm", "effect", "save", "progress")
)


@bp.before_request
def refuse_selling() -> None:
    """Answer 404 on those of an integration that sells nothing."""
    if request.endpoint in SELLING and (key := (request.view_args or {}).get("integration_id")) is not None:
        found = integration_page.get(key)
        if found is not None and connect.channel_of(found).ships_orders:
            abort(404)


def vault() -> Vault:
    """Reads and writes stored logins."""
    settings: Config = current_app.extensions["wholecell"]
    return Vault(settings.credentials_keys)


def known(integration_id: int) -> Integration:
    """The integration, or 404."""
    found = integration_page.get(integration_id)
    return found if found is not None else abort(404)


def say_connected(integration: Integration) -> None:
    """What happens now, and what the channel said of the account."""
    flash(f"{integration.name} is connected. Its listings come in now; nothing is sent before you arm it.", "success")
    for each in integration.account_notes:
        flash(each, "info")


def callback_address(channel: Channel) -> str:
    """Where the channel sends browsers back to: built from our own address, not from what a proxy passes on."""
    settings: Config = current_app.extensions["wholecell"]
    return f"{settings.public_url}{url_for('integrations.signed_in', kind=channel.kind)}"


def open_login_form(channel: Channel, formdata: MultiDict[str, str] | None = None, **values: Any) -> Any:
    """The channel's login form; it sees which addresses are set as `meta.addresses`."""
    assert channel.form is not None
    return channel.form(formdata, meta={"addresses": connect.addresses_of(channel)}, **values)


def stored_secrets(integration: Integration) -> frozenset[str]:
    """The fields of its login that may be left empty, to keep what is stored."""
    return integration_page.stored_secrets(integration, vault())


def tab(template: str, integration_id: int, status: int = 200, **context: object) -> Response:
    """One tab of an integration's page."""
    health = sync_health.health_of(integration_id)
    if health is None:
        abort(404)
    page = render_template(template, health=health, integration=health.integration, channel=health.channel, **context)
    return make_response(page, status)
