"""The account's own settings: its name, how often work is looked at, SKU uniqueness."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.services import settings, skus
from wholecell.services.refusal import Refusal
from wholecell.web.access import Least, actor, may, needs
from wholecell.web.settings.blueprint import TITLES, bp


@bp.get("/")
@needs(Least.MANAGER)
def index() -> BaseResponse:
    """To the first page of settings this person may open."""
    there = url_for("settings.account") if may(Least.ADMIN) else url_for("settings.entries", key="statuses")
    return redirect(there, 303)


@bp.get("/account")
@needs(Least.ADMIN)
def account() -> Response:
    """The account's page."""
    return _page({})


def _page(typed: dict[str, str], problem: str = "", status: int = 200) -> Response:
    page = render_template(
        "settings/account.html",
        values={**settings.get_all(), **typed},
        intervals=settings.INTERVALS,
        problem=problem,
        titles=TITLES,
    )
    return make_response(page, status)


@bp.post("/account")
@needs(Least.ADMIN)
def save_account() -> BaseResponse:
    """Save name and intervals."""
    names = [settings.ORGANIZATION_NAME, *(each.key for each in settings.INTERVALS)]
    typed = {name: request.form.get(name, "").strip() for name in names}
    try:
        intervals = {each.key: _minutes(each, typed[each.key]) for each in settings.INTERVALS}
        settings.save_account(actor(), typed[settings.ORGANIZATION_NAME], intervals)
    except Refusal as refusal:
        return _page(typed, str(refusal), 422)
    flash("Saved.", "ok")
    return redirect(url_for("settings.account"), 303)


def _minutes(interval: settings.Interval, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise Refusal(f"{interval.label}: choose {interval.least} to {interval.most} minutes.")
    return int(text[:6])


@bp.post("/sku-uniqueness")
@needs(Least.ADMIN)
def set_uniqueness() -> BaseResponse:
    """Switch SKU uniqueness."""
    is_on = request.form.get("on") == "1"
    try:
        skus.set_uniqueness(is_on, actor())
    except Refusal as refusal:
        return _page({}, str(refusal), 422)
    flash(f"SKU uniqueness is {'on' if is_on else 'off'}.", "ok")
    return redirect(url_for("settings.account"), 303)
