"""The stored login of an integration: tried, or replaced by one that was tried."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from wholecell.channels.contract import ChannelError
from wholecell.services import integration_page, logins, sign_ins
from wholecell.services.connect import channel_of, signs_in
from wholecell.web.access import Least, actor, needs
from wholecell.web.integrations.details import details_page
from wholecell.web.integrations.shared import bp, known, open_login_form, vault


@bp.post("/<int:integration_id>/login")
@needs(Least.ADMIN)
def change_login(integration_id: int) -> BaseResponse:
    """Try the new login on the channel and keep it when it works; an empty secret keeps the stored one.

    One that is completed on the channel's pages is tried when the browser comes back from there.
    """
    integration = known(integration_id)
    channel = channel_of(integration)
    entered = integration_page.merged_login(integration, request.form.to_dict(), vault())
    form = open_login_form(channel, MultiDict(entered))
    if not form.validate():
        return details_page(integration, login_form=form, status=422)
    try:
        if signs_in(channel, form.data):
            kept = {**integration.login, **form.data}  # so that the folder knows whose login it was
            begun = sign_ins.begin(channel, kept, vault(), actor(), integration_id=integration_id)
            return redirect(url_for("integrations.sign_in", kind=channel.kind, sign_in_id=begun), 303)
        integration_page.replace_login(integration, form.data, vault(), actor())
    except ChannelError as error:
        return details_page(integration, login_form=form, error=error, status=422)
    if not integration.is_by_hand:
        said = "The login works and is saved. What stopped because of the old one goes on by itself."
    elif channel.ships_orders:
        said = "Saved."
    else:
        said = "Saved. Files go to and fro: see the tabs Listings, Orders and Updates. Nothing is called."
    flash(said, "success")
    return redirect(url_for("integrations.detail", integration_id=integration_id), 303)


@bp.post("/<int:integration_id>/login/test")
@needs(Least.ADMIN)
def test_login(integration_id: int) -> BaseResponse:
    """Call the channel with the stored login and say what it answers."""
    integration = known(integration_id)
    if integration.is_by_hand:
        abort(404)
    try:
        logins.check_stored(integration, vault())
        flash(f"The login works: {integration.name} answered.", "success")
    except ChannelError as error:
        flash(f"{error.message} {error.advice}".strip(), "error")
    return redirect(url_for("integrations.detail", integration_id=integration_id), 303)
