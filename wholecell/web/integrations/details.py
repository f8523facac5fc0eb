"""The Details tab: what an integration may sell, and what saving would do."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.channels import discover
from wholecell.channels.contract import ChannelError
from wholecell.models import Integration
from wholecell.services import integration_page, integrations
from wholecell.services.integrations import Settings
from wholecell.web.access import Least, actor, needs
from wholecell.web.forms.integrations import SettingsForm
from wholecell.web.integrations.shared import bp, known, tab


@bp.get("/<int:integration_id>/")
@needs(Least.VIEWER)
def detail(integration_id: int) -> Response:
    """The tab."""
    return details_page(known(integration_id))


@bp.post("/<int:integration_id>/")
@needs(Least.MANAGER)
def save(integration_id: int) -> BaseResponse:
    """Save what is ticked and limited; the numbers follow within a second."""
    integration = known(integration_id)
    form = _form(integration)
    if not form.validate_on_submit():
        return details_page(integration, form=form, status=422)
    integrations.save_settings(integration_id, form.settings(integration_id), actor())
    armed = "The numbers follow within seconds, unless the guard holds them."
    follow = armed if integration.is_armed else "Nothing is sent before you arm it."
    flash(f"Saved. {follow}", "success")
    return redirect(url_for("integrations.detail", integration_id=integration_id), 303)


@bp.post("/<int:integration_id>/effect")
@needs(Least.MANAGER)
def effect(integration_id: int) -> str:
    """What saving the form as it stands now would do to the numbers."""
    integration = known(integration_id)
    form = _form(integration)
    if not form.validate():
        return _effect(integration, None, is_wrong=True)
    return _effect(integration, form.settings(integration_id))


def _effect(integration: Integration, new: Settings | None, *, is_wrong: bool = False) -> str:
    found = None
    if new is not None and new.rule != integrations.settings_of(integration).rule:
        found = integrations.effect_of(new.rule)
    context: dict[str, Any] = {"integration": integration, "effect": found, "is_wrong": is_wrong, "new": new}
    return render_template("integrations/_effect.html", **context)


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
    statuses, warehouses = integration_page.ticks(integration)
    if form is None:
        form = SettingsForm(formdata=None)
        form.offer(statuses, warehouses)
        form.show(integrations.settings_of(integration))
    channel_form = discover()[integration.kind].form
    if login_form is None and channel_form is not None:
        login_form = channel_form(data=integration.login)
    return tab(
        "integrations/details.html",
        integration.id,
        status,
        form=form,
        login_form=login_form,
        error=error,
        statuses=statuses,
        warehouses=warehouses,
    )
