"""The keys of the seller's own apps at channels: entered once, part of every login of the kind."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, current_app, flash, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from wholecell.channels import discover, routes
from wholecell.channels.contract import Channel
from wholecell.services import apps
from wholecell.web.access import Least, actor, needs
from wholecell.web.integrations.shared import callback_address, vault
from wholecell.web.settings.blueprint import TITLES, bp


@bp.get("/apps")
@needs(Least.ADMIN)
def marketplace_apps() -> Response:
    """One form for each channel that wants an app of the seller's own."""
    return _page({})


@bp.post("/apps/<kind>")
@needs(Least.ADMIN)
def save_app(kind: str) -> BaseResponse:
    """Keep the keys; an empty secret keeps the stored one."""
    channel = discover().get(kind)
    if channel is None or channel not in apps.channels():
        abort(404)
    form = _form(channel)
    names = {field.short_name: field.name for field in form}
    entered = apps.merged(channel, {short: request.form.get(full, "") for short, full in names.items()}, vault())
    form = _form(channel, MultiDict({names[short]: value for short, value in entered.items() if short in names}))
    if not form.validate():
        return _page({kind: form}, 422)
    if apps.save(channel, form.data, vault(), actor()):
        flash(f"The keys of your {channel.label} app are saved. Every {channel.label} login uses them now.", "success")
    else:
        flash("Nothing was changed.", "success")
    return redirect(url_for("settings.marketplace_apps"), 303)


def _form(channel: Channel, formdata: MultiDict[str, str] | None = None, **values: Any) -> Any:
    assert channel.app_form is not None
    return channel.app_form(formdata, prefix=f"{channel.kind}-", **values)


def _page(forms: dict[str, Any], status: int = 200) -> Response:
    channels = apps.channels()
    page = render_template(
        "settings/apps.html",
        titles=TITLES,
        channels=channels,
        forms={each.kind: forms.get(each.kind) or _form(each, data=apps.shown(each)) for each in channels},
        stored={each.kind: apps.stored_secrets(each, vault()) for each in channels},
        are_set_up={each.kind for each in channels if apps.is_set_up(each)},
        addresses={each.kind: callback_address(each) for each in channels if each.sign_in is not None},
        called_at={each.kind: _called_at(each.kind) for each in channels},
    )
    return make_response(page, status)


def _called_at(kind: str) -> list[tuple[str, str, str]]:
    """Where the channel calls us: a title, the address to enter there, and what to know about it."""
    public_url = current_app.extensions["wholecell"].public_url
    named = routes()[kind].ADDRESSES if kind in routes() else ()
    return [(title, f"{public_url}{url_for(f'{kind}.{view}')}", hint) for title, view, hint in named]
