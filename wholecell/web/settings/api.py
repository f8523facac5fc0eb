"""Tokens of other systems: made, revoked, what they called, and how to call."""

from __future__ import annotations

from flask import Response, current_app, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.config import Config
from wholecell.services import api_calls, api_tokens
from wholecell.services.refusal import Refusal
from wholecell.web.access import Least, actor, needs
from wholecell.web.api.guide import guide
from wholecell.web.params import cursor, href
from wholecell.web.settings.blueprint import TITLES, bp


@bp.get("/api")
@needs(Least.ADMIN)
def api_tokens_page() -> Response:
    """All tokens, and a form to make one."""
    return _page()


@bp.post("/api")
@needs(Least.ADMIN)
def make_api_token() -> BaseResponse:
    """Make a token and show it, this once."""
    form = request.form
    days = form.get("days", "")
    try:
        if days not in api_tokens.LIFETIMES:
            raise Refusal("Choose how long the token works.")
        chosen = form.get("integration", "")
        if chosen and not (chosen.isascii() and chosen.isdigit() and len(chosen) < 18):
            raise Refusal("That integration is not here any more: choose another.")
        token = api_tokens.create(
            actor(),
            form.get("name", ""),
            form.getlist("scope"),
            int(chosen) if chosen else None,
            int(days) if days else None,
        )
    except Refusal as refusal:
        return _page(str(refusal), 422)
    page = render_template(
        "settings/api_token.html", token=token, base=_base(), path=_first_path(form.getlist("scope"))
    )
    return make_response(page, 201)


@bp.post("/api/<int:token_id>/revoke")
@needs(Least.ADMIN)
def revoke_api_token(token_id: int) -> BaseResponse:
    """Let a token in no more."""
    try:
        api_tokens.revoke(actor(), token_id)
        flash("The token is revoked: it lets nobody in any more.", "ok")
    except Refusal as refusal:
        flash(str(refusal), "error")
    return redirect(url_for("settings.api_tokens_page"), 303)


@bp.get("/api/calls")
@needs(Least.ADMIN)
def api_calls_page() -> Response:
    """What tokens called, newest first."""
    token_id = request.args.get("token", type=int)
    names = api_tokens.names()
    wanted = token_id if token_id in dict(names) else None
    page = api_calls.find(cursor(), wanted)
    values = {"token": wanted}
    return make_response(
        render_template(
            "settings/api_calls.html",
            page=page,
            tokens=names,
            wanted=wanted,
            kept=api_calls.KEPT,
            titles=TITLES,
            previous=href("settings.api_calls_page", values, after=page.previous) if page.previous else None,
            next=href("settings.api_calls_page", values, before=page.next) if page.next else None,
        )
    )


@bp.get("/api/guide")
@needs(Least.ADMIN)
def api_guide() -> Response:
    """How to call the API, from its own document."""
    page = render_template(
        "settings/api_guide.html",
        operations=guide(),
        integrations=api_tokens.integrations(),
        base=_base(),
        titles=TITLES,
    )
    return make_response(page)


def _page(problem: str = "", status: int = 200) -> Response:
    page = render_template(
        "settings/api_tokens.html",
        rows=api_tokens.rows(),
        scopes=api_tokens.SCOPES,
        lifetimes=api_tokens.LIFETIMES,
        integrations=api_tokens.integrations(),
        problem=problem,
        typed=request.form if problem else None,
        titles=TITLES,
    )
    return make_response(page, status)


def _base() -> str:
    settings: Config = current_app.extensions["wholecell"]
    return f"{settings.public_url}/api/v1"


def _first_path(scopes: list[str]) -> str:
    """Something this token may read, to try it with."""
    readable = [scope.partition(":")[0] for scope in api_tokens.SCOPES if scope in scopes and scope.endswith(":read")]
    return f"/{readable[0]}?limit=1" if readable else ""
