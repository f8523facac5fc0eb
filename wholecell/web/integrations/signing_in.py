"""Signing in on a channel's own pages: the way there, and the way back."""

from __future__ import annotations

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.channels import discover
from wholecell.channels.contract import ChannelError
from wholecell.services import sign_ins, sync_progress
from wholecell.services.integrations import IntegrationError
from wholecell.services.refusal import Refusal
from wholecell.services.work import Kind
from wholecell.web.access import Least, actor, needs
from wholecell.web.integrations.shared import bp, callback_address, known, say_connected, vault


@bp.get("/sign-in/<kind>/<int:sign_in_id>")
@needs(Least.ADMIN)
def sign_in(kind: str, sign_in_id: int) -> Response | BaseResponse:
    """A plain link to the channel: a form may not lead to another host, and nothing is hidden from the person."""
    channel = discover().get(kind)
    if channel is None or channel.sign_in is None:
        abort(404)
    user_id = actor().user_id or 0
    try:
        found = sign_ins.find(sign_in_id, user_id, callback_address(channel), vault())
    except (ChannelError, Refusal) as error:
        return _back(kind, None, _words(error))
    if found is None or found.channel is not channel:
        return _back(kind, None, sign_ins.NOT_OURS)
    return make_response(render_template("integrations/sign_in.html", channel=channel, begun=found))


@bp.get("/signed-in/<kind>")
@needs(Least.ADMIN)
def signed_in(kind: str) -> BaseResponse:
    """The browser comes back from the channel with a code, or with none when the person declined.

    Answers with a redirection always: the code and the state leave the address at once.
    """
    channel = discover().get(kind)
    if channel is None or channel.sign_in is None:
        abort(404)
    answer = {name: request.args.get(name, "")[:4000] for name in ("state", "code", "error")}
    integration_id = sign_ins.integration_of(answer["state"], actor())
    try:
        ended = sign_ins.end(kind, answer, callback_address(channel), vault(), actor())
    except (ChannelError, IntegrationError, Refusal) as error:
        return _back(kind, integration_id, _words(error))
    if ended.is_new:
        sync_progress.ask(ended.integration_id, Kind.IMPORT_LISTINGS, actor())
        say_connected(known(ended.integration_id))
        return redirect(url_for("integrations.listings", integration_id=ended.integration_id), 303)
    if not ended.is_again:
        flash("The login works and is saved. What stopped because of the old one goes on by itself.", "success")
    return redirect(url_for("integrations.detail", integration_id=ended.integration_id), 303)


def _words(error: Exception) -> str:
    advice = error.advice if isinstance(error, ChannelError) else ""
    return f"{error} {advice}".strip()


def _back(kind: str, integration_id: int | None, problem: str) -> BaseResponse:
    """To where it can be begun again."""
    flash(problem, "error")
    if integration_id is not None:
        return redirect(url_for("integrations.detail", integration_id=integration_id, _anchor="login"), 303)
    return redirect(url_for("integrations.connect", kind=kind), 303)
